"""A keyboard's walk through every text field that a page shows, wherever it is folded away.

It finds the fields by itself: in every tab, expander and popover, and behind what a page names as
a way to more. Each is typed into and left by Tab, through whatever stops Streamlit puts inside.
What counts is what the browser then tells the server.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final

from playwright.sync_api import Page, WebSocket

from tests.browser.conftest import PATIENCE

# Labels say what a field is; its key without its numbers tells two of one label apart.
_NEXT: Final = r"""(done) => {
  const kinds = "[data-testid=stTextInput] input, [data-testid=stNumberInput] input, "
    + "[data-testid=stTextArea] textarea";
  document.querySelectorAll("[data-next]").forEach(one => delete one.dataset.next);
  for (const one of document.querySelectorAll(kinds)) {
    if (one.disabled || !one.checkVisibility() || one.closest("[inert]")) continue;
    const keyed = one.closest("[class*='st-key-']");
    const key = keyed?.className.match(/st-key-(\S+)/)?.[1] ?? "";
    const label = one.getAttribute("aria-label")
      ?? one.closest("[data-testid=stNumberInput]").querySelector("label").innerText.trim();
    const name = `${label} (${key.replace(/[-\d]+$/, "")})`;
    if (done.includes(name)) continue;
    one.dataset.next = "1";
    one.focus();
    return { name, label, number: one.type === "number", text: one.value,
             form: !!one.closest("[data-testid=stForm]") };
  }
  return null;
}"""
_VALUE: Final = """() => document.querySelector("[data-next]")?.value"""
_LEFT: Final = """() => !document.activeElement.closest(
  "[data-testid=stTextInput], [data-testid=stNumberInput], [data-testid=stTextArea]")
  ?.querySelector("[data-next]")"""
_FRAMES: Final = "() => new Promise(f => requestAnimationFrame(() => requestAnimationFrame(f)))"
_NOTHING_RUNS: Final = """() => document.querySelector("[data-testid=stApp]")?.dataset
  .testScriptState === "notRunning" && !document.querySelector("[data-testid=stSkeleton]")"""
_FILLED: Final = """(place) => [...document.querySelectorAll(place)].some(
  one => one.checkVisibility() && one.innerText.trim())"""
UNFOLD: Final = """() => {
  const folded = [...document.querySelectorAll("details:not([open]) > summary")];
  const seen = folded.filter(one => one.checkVisibility());
  seen.forEach(one => one.click());
  return seen.length;
}"""
_NUMBERS: Final = count(4_200_001)
"""Digits are good for every field, and each field gets some of its own."""


@dataclass
class FieldWalk:
    """One browser tab, the fields that were met in it, and those that lost what was typed."""

    page: Page
    sent: list[bytes] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self.sent.append(_bytes(frame)))

    def through(self, *ways: str) -> None:
        """Every field of the page that is open; `ways` names buttons that bring more of them."""
        for act in (partial(self._in_sight, ways), self._behind_buttons):
            for tab in self._tabs():
                if tab is not None:
                    tab.click()
                    self._filled(f"[id='{tab.get_attribute('aria-controls')}']")
                act()

    def _in_sight(self, ways: Sequence[str]) -> None:
        for _ in range(5):  # what opens may hold more of them
            if not self.page.evaluate(UNFOLD):
                break
            self._quiet()
        self._fields()
        for way in ways:
            button = self.page.get_by_role("radio", name=way, exact=True)
            if button.count() and button.is_visible():
                button.click()
                self._quiet()
                self._fields()

    def _behind_buttons(self) -> None:
        for opener in self.page.get_by_test_id("stPopoverButton").all():
            if opener.is_visible() and opener.is_enabled():
                opener.click()
                self._filled("[data-testid=stPopoverBody]")
                self._fields()
                self.page.keyboard.press("Escape")

    def _filled(self, place: str) -> None:
        """Wait until there is something in what was just opened: some places are drawn then."""
        self.page.wait_for_function(_FILLED, arg=place, timeout=PATIENCE)
        self._quiet()

    def _quiet(self) -> None:
        """Wait until nothing runs; what was just pressed may ask for a run frames later."""
        for _ in range(3):
            self.page.evaluate(_FRAMES)
            self.page.wait_for_function(_NOTHING_RUNS, timeout=PATIENCE)

    def _tabs(self) -> Iterator[Any]:
        yield None
        tabs = self.page.get_by_role("tab")
        for at in range(tabs.count()):
            if tabs.nth(at).is_visible() and tabs.nth(at).get_attribute("aria-selected") != "true":
                yield tabs.nth(at)

    def _fields(self) -> None:
        while (found := self.page.evaluate(_NEXT, self.done)) is not None:
            name = found["name"]
            kept = self._typed(found)
            if not kept and name not in self.doubted:
                self.doubted.add(name)  # what was drawn anew meanwhile is another field: once more
                continue
            self.done.append(name)
            self.labels.add(found["label"])
            if not kept:
                self.lost.append(f"{self.page.url}: {name}")

    def _typed(self, found: dict[str, Any]) -> bool:
        keyboard = self.page.keyboard
        before = len(self.sent)
        if found["number"]:
            keyboard.press("ArrowUp")
            text = str(self.page.evaluate(_VALUE))
        else:
            text = str(next(_NUMBERS))
            keyboard.press("ControlOrMeta+a")
            keyboard.type(text)
        for _ in range(4):
            keyboard.press("Tab")
            if self.page.evaluate(_LEFT):
                break
        if found["number"] or found["form"]:  # its form sends it, and keeps it until then
            kept = self.page.evaluate(_VALUE) == text
            self._quiet()
            return bool(kept)
        return self._reported(text, before)

    def _reported(self, text: str, before: int) -> bool:
        """Whether the server has been told, before a person could have done anything else."""
        for _ in range(40):
            if any(text.encode() in frame for frame in self.sent[before:]):
                self._quiet()
                return True
            self.page.evaluate(_FRAMES)
        return False


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
