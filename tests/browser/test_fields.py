"""Fields keep what is typed by a keyboard alone; what the app shows can be copied as it is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lib.ui.shell.navigation import available
from tests.app_with_names import NAMES
from tests.browser.conftest import App, OpenPage, running_app, settled
from tests.browser.field_walk import UNFOLD, FieldWalk
from tests.slices import Record, taken

pytestmark = pytest.mark.browser

WAYS = ("Typed here", "A Box organisation, over JWT")
#: One field of each page that is hard to find: with them, the walk has been everywhere.
DEEP = {
    "credentials": "Its password",
    "jwt_key": "Repeat the passphrase",
    "accounts": "Proof token",
    "files": "Search for",
    "runbook": "How do you know? (optional)",
    "activity": "Text in names, logins and types",
    "webhooks": "Secondary key",
}
PARTS = """place => [...place.querySelectorAll("p:not(th *), td")].map(one => {
  getSelection().selectAllChildren(one);
  return [one.innerText, getSelection().toString()];
})"""
PASTE = """(place, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  place.dispatchEvent(new ClipboardEvent("paste", {
    clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_regression_no_field_of_any_page_loses_what_was_typed_when_it_is_left_by_tab(
    app: App, open_page: OpenPage, record_property: Record
) -> None:
    page = open_page("about:blank")
    walk = FieldWalk(page)
    for spec in taken(record_property, "fields of pages", available(), 3):
        page.goto(f"{app.url}/{spec.name}")
        settled(page)
        walk.labels.clear()
        walk.through(*WAYS)
        assert DEEP.get(spec.name) in {None, *walk.labels}, spec.name
    assert walk.lost == []


def test_a_pair_is_made_by_the_keyboard_alone(app: App, open_page: OpenPage) -> None:
    page = open_page(f"{app.url}/jwt_key")
    settled(page)
    page.get_by_role("tab", name="Generate a pair").click()
    page.get_by_label("Passphrase for the new key").focus()
    shows = page.get_by_role("button", name="Show password").and_(page.locator(":focus"))
    for _ in range(2):
        page.keyboard.type("correct horse")
        page.keyboard.press("Tab")
        expect(shows).to_be_visible()
        page.keyboard.press("Tab")
    make = page.get_by_role("button", name="Generate a pair")
    for _ in range(5):
        if make.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("A new key pair.")).to_be_visible()


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app that shows names and nothing else."""
    folder = tmp_path_factory.mktemp("names") / "data"
    with running_app(folder, script="tests/app_with_names.py") as running:
        yield running


def test_what_is_shown_is_copied_as_it_is_and_is_no_link(names: App, open_page: OpenPage) -> None:
    page = open_page(names.url)
    settled(page)
    expect(page.get_by_role("button", name=NAMES[-1], exact=True)).to_be_visible()
    page.evaluate(UNFOLD)
    expect(page.locator("details[open]")).to_have_count(len(NAMES))
    settled(page)  # what reads like a formula waits for its engine
    for at, name in enumerate(NAMES):
        place = page.locator(f".st-key-name{at}")
        parts = place.evaluate(PARTS)
        assert len(parts) >= 7, name
        # What a button and a summary show isn't selected by anybody, only read.
        assert {shown.strip() for shown, _ in parts} == {name}
        assert {copied for _, copied in parts} <= {name, ""}
        assert [copied for _, copied in parts].count(name) >= 5
        for kind in ("a", "img", "code", "em", "del"):
            assert place.locator(f".stMarkdown {kind}").count() == 0, (name, kind)
    _fields_are_mended(page)


def _fields_are_mended(page: Page) -> None:
    page.get_by_label("Token").focus()
    page.keyboard.type("hunter2")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # it shows what was typed, which is still there
    expect(page.get_by_label("Token")).to_have_value("hunter2")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Token")).to_have_value("hunter2")
    page.keyboard.press("Tab")
    expect(page.get_by_text("It was taken.")).to_be_visible()
    person = page.get_by_role("combobox", name="Person")
    person.focus()
    person.evaluate(PASTE, "\ufeffGrace\u2060 Hop")
    expect(person).to_have_value("Grace Hop")
