"""A person's walk through the app with secrets in their hands, and everything that came of it.

The app runs over a sandbox behind an eavesdropper. `Walk` drives the browser and keeps whatever
could carry a secret away: frames both ways, addresses, pages, consoles, files, logs.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Download, FilePayload, Page, Request, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.conftest import App, running_app, settled
from tests.sandbox_server import ROOT, SandboxServer
from tests.secrets_watch import Eavesdropper, Watch, eavesdropping

# A password field may hold what its person has just typed; everything else is looked at.
MARKUP: Final = """() => {
  const copy = document.documentElement.cloneNode(true);
  copy.querySelectorAll('input[type=password]').forEach(one => one.removeAttribute('value'));
  return copy.outerHTML;
}"""
VALUES: Final = """() => JSON.stringify({
  fields: [...document.querySelectorAll('input:not([type=password]), textarea')].map(f => f.value),
  local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie,
  title: document.title, state: history.state,
})"""


@dataclass(frozen=True, slots=True)
class Scene:
    """An app over a sandbox of its own, heard by an eavesdropper; each with its log."""

    app: App
    sandbox: SandboxServer
    proxy: Eavesdropper
    sandbox_log: Path


@contextmanager
def scene(folder: Path, *options: str) -> Iterator[Scene]:
    """Start sandbox, eavesdropper and app for the length of a `with` block."""
    log = folder / "sandbox.log"
    command = [sys.executable, "-m", "lib", "sandbox", "--port", "0", "--no-rate-limits"]
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*command, "--days", "2", "--users", "12"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            assert process.stdout is not None
            sandbox = SandboxServer(process.stdout.readline().strip(), process)
            with (
                eavesdropping(sandbox.url) as proxy,
                running_app(
                    folder / "data", *options, env={"BOX_RUNBOOK_SANDBOX": proxy.url}
                ) as app,
            ):
                yield Scene(app, sandbox, proxy, log)
        finally:
            process.terminate()
            rest, _ = process.communicate(timeout=20)
            with log.open("a") as errors_and_more:
                errors_and_more.write(rest)


@dataclass
class Walk:
    """One browser tab and what it saw. `typed` has the widgets that each secret was typed into."""

    page: Page
    watch: Watch
    received: list[bytes] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    pages: list[tuple[str, str]] = field(default_factory=list)
    typed: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    files: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)
        self.page.on("request", self._asked)
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))

    def _listen(self, socket: WebSocket) -> None:
        self.socket = socket
        self.urls.append(socket.url)
        socket.on("framereceived", lambda frame: self.received.append(_bytes(frame)))
        socket.on("framesent", lambda frame: self.sent.append(_bytes(frame)))

    def _asked(self, request: Request) -> None:
        self.urls.append(request.url)
        self.urls.append(json.dumps(request.headers))

    def runs(self, act: Callable[[], object]) -> None:
        """Do something that makes the page run again, and wait for the end of that run."""
        with self.socket.expect_event("framereceived", ends_a_run):
            act()
        settled(self.page)

    # -- moving ----------------------------------------------------------------------------------

    def go(self, name: str) -> None:
        """To another page, by the menu: a reload would end the session."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)
        self.look(name)

    def look(self, where: str) -> None:
        """Keep what the page holds now: its markup, its fields, its storage, its address."""
        settled(self.page)
        seen = [*(self.page.evaluate(script) for script in (MARKUP, VALUES)), self.page.url]
        text = "\n".join(seen)
        self.pages.append((where, text))

    def type(self, label: str, secret: str, widget: str) -> None:
        """Type a secret into the field of that label; `widget` begins the key of its widget."""
        found = self.page.get_by_role("textbox", name=label, exact=True)
        found.fill(secret)
        self.typed[secret].add(widget)
        self.runs(lambda: found.press("Enter"))

    def fill(self, label: str, text: str) -> None:
        """Type something that is no secret."""
        found = self.page.get_by_role("textbox", name=label, exact=True)
        found.fill(text)
        self.runs(lambda: found.press("Enter"))

    def press(self, name: str, *, shows: str | None = None) -> None:
        """Press a button and wait for the text that it leads to."""
        self.runs(self.page.get_by_role("button", name=name, exact=True).first.click)
        if shows is not None:
            expect(self.page.get_by_text(shows).first).to_be_visible(timeout=60_000)
        self.look(f"{name}: {shows}")

    def tab(self, name: str) -> None:
        """Open a tab of the page."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        settled(self.page)

    def upload(self, which: int, name: str, content: bytes) -> None:
        """Hand a file to the page's uploader of that number."""
        file: FilePayload = {
            "name": name,
            "mimeType": "application/octet-stream",
            "buffer": content,
        }
        place = self.page.get_by_test_id("stFileUploaderDropzoneInput").nth(which)
        self.runs(lambda: place.set_input_files(file))

    def download(self, button: str) -> bytes:
        """Press a button that gives a file."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name=button, exact=True).click()
        return self.keep(button, waiting.value)

    def keep(self, name: str, download: Download) -> bytes:
        """The bytes of a download."""
        self.urls += [download.url, download.suggested_filename]
        self.files[name] = Path(download.path()).read_bytes()
        return self.files[name]

    @property
    def media(self) -> set[str]:
        """Every media address that was asked for or told of."""
        paths = {urlsplit(url).path for url in self.urls if url.startswith("http")}
        asked = {path for path in paths if path.startswith("/media/")}
        for frame in self.received:
            for piece in frame.split(b"/media/")[1:]:
                name = piece[:120].split(b'"')[0]
                clean = bytes(c for c in name if chr(c).isalnum() or c in b".-_")
                asked.add(f"/media/{clean.decode()}")
        return asked


def ends_a_run(frame: str | bytes) -> bool:
    """Whether this frame from the server ends a run of the page."""
    kind = ForwardMsg.FromString(_bytes(frame)).WhichOneof("type")
    return bool(kind == "script_finished")


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, its name too; a database's journal may vanish while we look."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        try:
            if path.is_file():
                found[str(path.relative_to(folder))] = path.read_bytes()
        except FileNotFoundError:
            continue
    return found


def settings_file(config: dict[str, Any]) -> bytes:
    """The file that Box's console gives."""
    return json.dumps(config, indent=2).encode()
