"""Injecting faults into the sandbox: cause and person are named, and nobody else is affected."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from lib.app.practice.faults import offers_of
from lib.core.redaction import Secret
from lib.settings.profiles import Profile, visitor_profile
from tests.browser.conftest import OpenPage, again_until, settled, wait_until
from tests.browser.looks import finished, too_wide
from tests.browser.secrets_walk import Scene, Walk, files_below, scene
from tests.secrets_watch import Watch

pytestmark = pytest.mark.browser

PATIENCE_MS = 90_000
NOT_FOUND = 404
AUTHORIZE = "No admin has authorized the app"
CAUSE = "The app isn't authorized in this enterprise."
ADMIN = "A Box admin can do this."
ANNOUNCED = "Active fault:"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """An app that forgets a session one second after it ended, over a sandbox of its own."""
    options = ("--server.disconnectedSessionTTL", "1")
    with scene(tmp_path_factory.mktemp("break"), *options) as running:
        yield running


def banner(page: Page) -> Locator:
    return page.locator(".st-key-banner")


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def faults(page: Page) -> Locator:
    """The list to choose from."""
    return page.locator(".st-key-rehearsal-list").get_by_role("radio")


def profile_field(page: Page) -> Locator:
    """The profile in use. After a choice the one before may stand there until the run ends."""
    return page.locator("[class*='st-key-shell-profile'] input").last


def opened(open_page: OpenPage, stage: Scene, path: str = "/health", **look: Any) -> Page:
    page = open_page("about:blank", **look)
    page.set_default_timeout(PATIENCE_MS)  # a first page loads everything
    page.goto(stage.app.url + path)
    settled(page)
    return page


def choose(page: Page, words: str, title: str) -> None:
    """Open the list, search it, and choose a fault."""
    banner(page).get_by_role("button", name="Inject a fault").click()
    dialog(page).get_by_role("searchbox", name="Search").fill(words)
    inject = dialog(page).get_by_role("button", name="Inject")
    again_until(  # the search may be drawing the list anew
        dialog(page).get_by_text(title, exact=True).click,
        lambda patience: expect(inject).to_be_enabled(timeout=patience),
    )


def break_it(page: Page, words: str = "authorized admin", title: str = AUTHORIZE) -> None:
    """Choose and inject; the checks have ended when this returns."""
    choose(page, words, title)
    dialog(page).get_by_role("button", name="Inject").click()
    checked(page)


def checked(page: Page) -> None:
    """Wait until the dialog has a whole run of checks."""
    expect(dialog(page).get_by_role("button", name="Check again")).to_be_visible(
        timeout=PATIENCE_MS
    )


def close(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    settled(page)


def fix(place: Locator, page: Page) -> None:
    place.get_by_role("button", name="Remove the fault").click()
    expect(dialog(page).get_by_text("Fault removed.")).to_be_visible(timeout=PATIENCE_MS)
    checked(page)


def options(page: Page) -> list[str]:
    """The profiles that this visitor can choose."""
    page.get_by_role("combobox", name="Profile").click()
    expect(page.get_by_role("option").first).to_be_visible()
    found = page.get_by_role("option").all_inner_texts()
    page.keyboard.press("Escape")
    return found


def active(stage: Scene) -> dict[str, set[str]]:
    """The faults that are active in the sandbox: by client id, the names."""
    found: dict[str, set[str]] = {}
    for fault in stage.sandbox.get("/sandbox/faults"):
        for one in fault["activations"]:
            found.setdefault(str(one["client_id"]), set()).add(fault["name"])
    return found


def visitor(stage: Scene) -> Profile:
    """The last visitor that the sandbox made apps for."""
    return visitor_profile(stage.proxy.visitors[-1])


def client_id(profile: Profile) -> str:
    assert profile.box is not None
    return profile.box.client_id


def test_broken_named_with_cause_and_person_and_green_again(
    stage: Scene, open_page: OpenPage
) -> None:
    """So it is in every look: the list, the dialog, the banner."""
    page = opened(open_page, stage, "/accounts")
    expect(profile_field(page)).to_have_value("Sandbox")
    banner(page).get_by_role("button", name="Inject a fault").click()
    expect(faults(page).first).to_be_attached()
    finished(page)
    close(page)
    break_it(page)
    shown = dialog(page)
    for text in ("Active fault:", AUTHORIZE, CAUSE, ADMIN, "Admin Console", "1 check fails."):
        expect(shown.get_by_text(text).first).to_be_visible()
    shown.get_by_text("Hand over").first.click()
    expect(shown.get_by_text("For a Box admin: the Box integration")).to_be_visible()
    assert active(stage)[client_id(visitor(stage))] == {"app_not_authorized"}
    finished(page)

    shown.get_by_role("link", name="Health").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Health")
    expect(dialog(page)).to_be_hidden()
    expect(profile_field(page)).to_have_value("Sandbox, yours")
    expect(page.locator(".st-key-health-glance")).to_contain_text(CAUSE)
    expect(banner(page)).to_contain_text(AUTHORIZE)
    assert "profile=" not in page.url
    finished(page)

    fix(banner(page), page)
    expect(shown.get_by_text("No check fails.")).to_be_visible()
    expect(shown.get_by_text(CAUSE)).to_be_hidden()
    close(page)
    expect(page.locator(".st-key-health-glance")).to_contain_text("No failures")
    expect(banner(page)).to_contain_text("Fault removed.")
    assert client_id(visitor(stage)) not in active(stage)


def test_a_drawn_fault_is_named_when_its_visitor_wants_to_know(
    stage: Scene, open_page: OpenPage
) -> None:
    page = opened(open_page, stage)
    banner(page).get_by_role("button", name="Inject a fault").click()
    dialog(page).get_by_role("button", name="Pick at random").click()
    checked(page)
    mine = visitor(stage)
    assert mine.kloudless is not None
    on = {
        *active(stage).get(client_id(mine), set()),
        *active(stage).get(mine.kloudless.app_id, set()),
    }
    drawn = next(one for one in offers_of(stage.sandbox.get("/sandbox/faults")) if one.name in on)
    assert drawn.noticeable
    expect(dialog(page).get_by_text("not named yet")).to_be_visible()
    # What the checks report may be worded as the fault is: only its announcement is held back.
    expect(dialog(page)).not_to_contain_text(ANNOUNCED)
    close(page)
    expect(banner(page)).to_contain_text("not named yet")
    expect(banner(page)).not_to_contain_text(ANNOUNCED)
    banner(page).get_by_role("button", name="Reveal").click()
    expect(banner(page)).to_contain_text(f"{ANNOUNCED} {drawn.title}")
    fix(banner(page), page)
    expect(dialog(page).get_by_text("No check fails.")).to_be_visible()


def test_leaving_and_a_session_that_ends_give_all_back(stage: Scene, open_page: OpenPage) -> None:
    page = opened(open_page, stage)
    break_it(page)
    close(page)
    mine = client_id(visitor(stage))
    assert options(page) == ["Sandbox", "Sandbox, yours"]
    banner(page).get_by_role("button", name="Leave").click()
    expect(profile_field(page)).to_have_value("Sandbox")
    expect(banner(page).get_by_role("button", name="Inject a fault")).to_be_visible()
    assert options(page) == ["Sandbox"]
    gone(stage, mine)

    settled(page)
    break_it(page)
    other = client_id(visitor(stage))
    assert other != mine
    assert other in active(stage)
    page.reload()
    settled(page)
    assert options(page) == ["Sandbox"]
    gone(stage, other)


def gone(stage: Scene, mine: str) -> None:
    """Neither the fault nor the visitor is there any more, once the app has given them back."""
    wait_until(lambda: mine not in active(stage))
    visitors = f"{stage.sandbox.url}/sandbox/visitors"
    wait_until(lambda: httpx.get(f"{visitors}/{mine}").status_code == NOT_FOUND)


def test_what_was_typed_in_this_session_is_kept(stage: Scene, browser: Browser) -> None:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    walk = Walk(context.new_page(), Watch())
    walk.page.goto(f"{stage.app.url}/credentials")
    settled(walk.page)
    ccg = stage.sandbox.credentials()["box"]["ccg"]
    walk.runs(walk.page.get_by_role("radio", name="Client credentials", exact=True).click)
    walk.fill("Client ID", ccg["client_id"])
    walk.type("Client secret", ccg["client_secret"], "credentials.box.client_secret")
    walk.fill("Enterprise ID", ccg["enterprise_id"])
    own = f"This session ({ccg['enterprise_id']})"
    expect(profile_field(walk.page)).to_have_value(own)

    switch(walk.page, "Sandbox")
    break_it(walk.page)
    close(walk.page)
    assert options(walk.page) == ["Sandbox", own, "Sandbox, yours"]
    expect(walk.page.get_by_text("In use: Sandbox, yours")).to_be_visible()
    expect(walk.page.get_by_text("(made for this session)")).to_be_visible()

    switch(walk.page, "Sandbox")
    expect(banner(walk.page)).to_contain_text("A fault is active in your own copy of the sandbox.")
    banner(walk.page).get_by_role("button", name="Switch to it").click()
    expect(profile_field(walk.page)).to_have_value("Sandbox, yours")
    banner(walk.page).get_by_role("button", name="Leave").click()
    expect(profile_field(walk.page)).to_have_value("Sandbox")
    assert options(walk.page) == ["Sandbox", own]
    switch(walk.page, own)
    walk.press("Try it", shows="Box answered: these credentials work")
    context.close()


def switch(page: Page, label: str) -> None:
    page.get_by_role("combobox", name="Profile").click()
    page.get_by_role("option", name=label, exact=True).click()
    expect(profile_field(page)).to_have_value(label)
    settled(page)


def test_two_visitors_at_once_never_see_each_others_fault(
    stage: Scene, open_page: OpenPage
) -> None:
    ada, ben, eve = (opened(open_page, stage) for _ in range(3))
    theirs = "Kloudless doesn't accept the API key"
    break_it(ada)
    break_it(ben, "kloudless unauthorized", "Kloudless: unauthorized")
    expect(dialog(ada)).to_contain_text(CAUSE)
    expect(dialog(ben)).to_contain_text(theirs)
    expect(dialog(ben)).not_to_contain_text(CAUSE)
    expect(dialog(ada)).not_to_contain_text(theirs)
    # Whoever looks at the shared sandbox sees neither.
    eve.get_by_role("button", name="Check now").click()
    expect(eve.locator(".st-key-health-glance")).to_contain_text("No failures", timeout=PATIENCE_MS)
    fix(dialog(ada), ada)
    expect(dialog(ada)).to_contain_text("No check fails.")
    # Removing one leaves the other active.
    close(ben)
    ben.get_by_role("button", name="Check now").click()
    settled(ben)
    expect(ben.locator(".st-key-health-glance")).to_contain_text(theirs)
    assert set(map(frozenset, active(stage).values())) >= {frozenset({"kloudless_unauthorized"})}


def test_what_no_check_notices_is_reported_honestly_on_a_phone_too(
    stage: Scene, open_page: OpenPage
) -> None:
    page = opened(open_page, stage, phone=True)
    break_it(page, "arrive late", "Some events arrive late")
    expect(dialog(page).get_by_text("No check notices this fault.")).to_be_visible()
    expect(dialog(page).get_by_text("once the late events are read").first).to_be_visible()
    assert too_wide(page) == []
    close(page)
    expect(banner(page).get_by_role("button", name="Leave")).to_be_in_viewport()


def test_it_can_be_broken_by_keyboard_and_words_that_no_fault_has_lead_on(
    stage: Scene, open_page: OpenPage
) -> None:
    page = opened(open_page, stage)
    banner(page).get_by_role("button", name="Inject a fault").focus()
    page.keyboard.press("Enter")
    search = dialog(page).get_by_role("searchbox", name="Search")
    search.focus()
    page.keyboard.type("<b>*zzz*</b>")
    expect(dialog(page).get_by_text("No fault matches.")).to_be_visible()
    expect(dialog(page).get_by_role("button", name="Inject")).to_be_disabled()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("reports")
    radios = faults(page)
    expect(radios).to_have_count(1)
    radios.first.focus()
    page.keyboard.press("Space")
    start = dialog(page).get_by_role("button", name="Inject")
    expect(start).to_be_enabled()
    start.focus()
    page.keyboard.press("Enter")
    checked(page)
    expect(dialog(page).get_by_text("may not run reports").first).to_be_visible()
    expect(dialog(page).get_by_text(ADMIN).first).to_be_visible()


def test_no_secret_of_a_visitor_is_on_the_page_or_in_the_log(
    stage: Scene, browser: Browser
) -> None:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    walk = Walk(context.new_page(), Watch())
    walk.page.goto(f"{stage.app.url}/health")
    settled(walk.page)
    choose(walk.page, "authorized admin", AUTHORIZE)
    walk.look("chosen")
    dialog(walk.page).get_by_role("button", name="Inject").click()
    checked(walk.page)
    walk.look("broken")
    close(walk.page)
    for name in ("Accounts", "Credentials", "Overview", "Health"):
        walk.go(name)
    fix(banner(walk.page), walk.page)
    walk.look("mended")
    mine = visitor(stage)
    watch = Watch()
    for half, of in (("box", mine.box), ("kloudless", mine.kloudless)):
        for name in of.__slots__ if of else ():
            value = getattr(of, name)
            if isinstance(value, Secret) and value:
                pem = "PRIVATE KEY" in value.reveal()
                (watch.add_key if pem else watch.add)(f"{half}.{name}", value.reveal())
    for number, secret in enumerate(stage.proxy.secrets.values()):
        watch.add(f"on the wire {number}", secret)
    assert len(watch.names) > 8
    seen = [
        *(watch.find(frame, "a frame from the server") for frame in walk.received),
        *(watch.find(frame, "a frame to the server") for frame in walk.sent),
        *(watch.find(text, where) for where, text in walk.pages),
        watch.find("\n".join(walk.urls), "an address"),
        watch.find("\n".join(walk.console), "the console"),
        watch.find(stage.app.log.read_bytes(), "the app's log"),
        *(watch.find(data, name) for name, data in files_below(stage.app.data).items()),
    ]
    assert [hit for hits in seen for hit in hits] == []
    everything = b"".join(walk.received).decode("utf-8", "replace")
    assert re.search(r"session-[0-9a-f]{32}", everything) is None
    context.close()


def test_without_its_sandbox_the_page_says_what_to_do(stage: Scene, open_page: OpenPage) -> None:
    """The last of this file, because it ends the sandbox that the others share."""
    page = opened(open_page, stage, "/credentials")
    break_it(page)
    close(page)
    stage.sandbox.process.terminate()
    stage.sandbox.process.wait(20)
    banner(page).get_by_role("button", name="Remove the fault").click()
    expect(banner(page)).to_contain_text("The sandbox doesn't answer.")
    expect(banner(page)).to_contain_text("What to do")
    banner(page).get_by_role("button", name="Leave").click()
    expect(profile_field(page)).to_have_value("Sandbox")
    banner(page).get_by_role("button", name="Inject a fault").click()
    expect(dialog(page)).to_contain_text("The sandbox doesn't answer.")
