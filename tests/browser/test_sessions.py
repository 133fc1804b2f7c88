"""Two people at once: what one enters and reads is never the other's, and ends with the session.

Each reads a company of its own, so that every name, login and event tells whose it is. The app's
own sandbox is a third one, because what it reads is kept in the data folder.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from websockets.sync.client import connect

from tests.browser.conftest import App, events_existing, running_app, settled, wait_until
from tests.browser.secrets_walk import Walk, ends_a_run, files_below
from tests.sandbox_oauth import sign_in
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.secrets_watch import Watch

pytestmark = pytest.mark.browser

PROBED = "tests/app_with_probe.py"
SESSION_KEY = re.compile(rb"session-[0-9a-f]{8,}")
SMALL = ("--days", "2", "--users", "12", "--no-rate-limits")


@dataclass(frozen=True, slots=True)
class Company:
    """A sandbox with a world of its own, and what only its world holds."""

    server: SandboxServer
    box: Any
    logins: frozenset[str]

    def marks(self, *others: "Company") -> list[bytes]:
        """Logins that none of the others has."""
        theirs: set[str] = set()
        for other in others:
            theirs |= other.logins
        return [login.encode() for login in sorted(self.logins - theirs)]


def company(server: SandboxServer) -> Company:
    box = server.credentials()["box"]
    bearer = {"authorization": f"Bearer {box['developer_token']}"}
    answer = httpx.get(f"{server.url}/2.0/users?limit=100", headers=bearer, timeout=60)
    people = answer.raise_for_status().json()["entries"]
    return Company(server, box, frozenset(str(person["login"]) for person in people))


@pytest.fixture(scope="module")
def companies() -> Iterator[tuple[Company, Company, Company]]:
    """Three: the app's, Ada's, Ben's."""
    with (
        running_sandbox(*SMALL, until=None) as apps,
        running_sandbox(*SMALL, "--seed", "101", until=None) as adas,
        running_sandbox(*SMALL, "--seed", "202", until=None) as bens,
    ):
        yield company(apps), company(adas), company(bens)


def environment(apps: Company) -> dict[str, str]:
    """The host lets sessions reach the other sandboxes of this machine."""
    return {
        "BOX_RUNBOOK_SANDBOX": apps.server.url,
        "BOX_RUNBOOK__ACCESS__ALLOWED_HOSTS": "127.0.0.1",
    }


def opened(browser: Browser, app: App) -> tuple[BrowserContext, Walk]:
    context = browser.new_context(accept_downloads=True, timezone_id="UTC")
    context.set_default_timeout(30_000)
    walk = Walk(context.new_page(), Watch())
    walk.page.goto(f"{app.url}/credentials")
    settled(walk.page)
    return context, walk


def set_addresses(walk: Walk, server: SandboxServer) -> None:
    walk.tab("Addresses and keys")
    walk.fill("API address", server.url)
    walk.fill("Sign-in address", f"{server.url}/api")


def enter_ccg(walk: Walk, theirs: Company) -> None:
    walk.runs(walk.page.get_by_role("radio", name="Client credentials", exact=True).click)
    ccg = theirs.box["ccg"]
    walk.fill("Client ID", ccg["client_id"])
    walk.type("Client secret", ccg["client_secret"], "credentials.box.client_secret")
    walk.fill("Enterprise ID", ccg["enterprise_id"])
    set_addresses(walk, theirs.server)
    walk.press("Try it", shows="Box answered: these credentials work")


def enter_developer_token(walk: Walk, theirs: Company) -> None:
    walk.runs(walk.page.get_by_role("radio", name="Developer token", exact=True).click)
    token = theirs.box["developer_token"]
    walk.type("Developer token", token, "credentials.box.developer_token")
    set_addresses(walk, theirs.server)
    walk.press("Try it", shows="Box answered: these credentials work")


def enter_oauth(walk: Walk, theirs: Company) -> None:
    grant = sign_in(theirs.server)
    walk.runs(walk.page.get_by_role("radio", name="OAuth 2.0", exact=True).click)
    walk.fill("Client ID", grant.client_id)
    walk.type("Client secret", grant.client_secret, "credentials.box.client_secret")
    walk.type("Refresh token", grant.refresh_token, "credentials.box.refresh_token")
    set_addresses(walk, theirs.server)
    walk.press("Try it", shows="Box answered: these credentials work")


def read_day(walk: Walk) -> None:
    walk.go("Activity")
    expect(walk.page.get_by_text("No events yet")).to_be_visible()
    walk.page.get_by_role("button", name="Read events").first.click()
    walk.page.get_by_role("button", name=re.compile("24 hours")).first.click()


def until_drawn(walk: Walk) -> None:
    expect(walk.page.locator(".barlayer .point").first).to_be_visible(timeout=90_000)
    walk.look("Activity")


def see_everything(walk: Walk) -> None:
    for name in ("Overview", "JWT key", "Accounts", "Activity", "Credentials"):
        walk.go(name)


def switcher(walk: Walk) -> list[str]:
    """The profiles that this person can choose."""
    walk.page.get_by_role("combobox", name="Profile").click()
    options = walk.page.get_by_role("option")
    expect(options.first).to_be_visible()
    found = options.all_inner_texts()
    walk.page.keyboard.press("Escape")
    return found


def everything(walk: Walk) -> bytes:
    pages = "\n".join(text for _, text in walk.pages)
    return b"\n".join([*walk.received, pages.encode(), "\n".join(walk.urls).encode()])


def probe(app: App) -> dict[str, list[str]]:
    found: dict[str, list[str]] = app.get("/probe").json()
    return found


def of_sessions(app: App) -> list[str]:
    """Everything in the runtime's memory that belongs to a session."""
    existing = probe(app)
    return [key for keys in existing.values() for key in keys if "session-" in key]


def found(marks: list[bytes], data: bytes) -> list[bytes]:
    return [mark for mark in marks if mark in data]


def on_disk(app: App, marks: list[bytes]) -> list[tuple[str, list[bytes]]]:
    files = {**files_below(app.data), "the log": app.log.read_bytes()}
    return [(name, hit) for name, data in files.items() if (hit := found(marks, data))]


def test_two_sessions_of_one_name_never_meet_and_leave_nothing(
    companies: tuple[Company, Company, Company], browser: Browser, tmp_path: Path
) -> None:
    apps, adas, bens = companies
    of_ada, of_ben = adas.marks(apps, bens), bens.marks(apps, adas)
    assert of_ada
    assert of_ben
    options = ("--server.disconnectedSessionTTL", "1")
    data = tmp_path / "data"
    with running_app(data, *options, env=environment(apps), script=PROBED) as app:
        (ada_context, ada), (ben_context, ben) = opened(browser, app), opened(browser, app)
        enter_developer_token(ada, adas)
        enter_oauth(ben, bens)
        assert switcher(ada) == switcher(ben)  # one name, two profiles
        # Both read at the same time.
        read_day(ada)
        read_day(ben)
        until_drawn(ada)
        until_drawn(ben)
        see_everything(ada)
        see_everything(ben)
        assert len(probe(app)["rooms"]) == 2

        # Each saw the own company, and not a name of the other's.
        assert found(of_ada, everything(ada))
        assert found(of_ben, everything(ben))
        assert found(of_ben, everything(ada)) == []
        assert found(of_ada, everything(ben)) == []
        # A key never reaches a browser, so it can't be passed on.
        assert SESSION_KEY.search(everything(ada)) is None
        assert SESSION_KEY.search(everything(ben)) is None
        # Neither is on disk, not even while it is in use.
        assert on_disk(app, [*of_ada, *of_ben]) == []

        a_link_with_the_others_key_shows_nothing(app, browser, of_ada, of_ben)
        a_stranger_who_clears_the_caches_takes_nothing(app, ada)
        the_others_download_is_refused(app, ada, ben_context)

        # One forgets, the other one just closes the tab.
        ticket = download_link(ada)
        ada.go("Credentials")
        ada.press("Forget now", shows="In use: Sandbox")
        assert ada_context.request.get(f"{app.url}{ticket}").status == 404
        assert len(probe(app)["rooms"]) == 1
        ben_context.close()
        wait_until(lambda: of_sessions(app) == [])
        assert on_disk(app, [*of_ada, *of_ben]) == []
        # What was forgotten doesn't come back by going on.
        see_everything(ada)
        assert of_sessions(app) == []
        ada_context.close()


def a_link_with_the_others_key_shows_nothing(
    app: App, browser: Browser, *marks: list[bytes]
) -> None:
    """Even who knows a key, which is never shown, gets nothing with it."""
    context = browser.new_context()
    walk = Walk(context.new_page(), Watch())
    for key in probe(app)["rooms"]:
        for page in ("activity", "accounts", "credentials"):
            walk.page.goto(f"{app.url}/{page}?profile={key}")
            walk.look(page)
            assert f"profile={key}" not in walk.page.url
    assert switcher(walk) == ["Sandbox"]
    for one in marks:
        assert found(one, everything(walk)) == []
    context.close()


def a_stranger_who_clears_the_caches_takes_nothing(app: App, ada: Walk) -> None:
    """Any visitor can send this message; Streamlit then empties the caches of everybody."""
    with connect(f"{app.url.replace('http', 'ws', 1)}/_stcore/stream") as line:
        line.send(BackMsg(clear_cache=True).SerializeToString())
        line.send(BackMsg(rerun_script=ClientState(page_name="activity")).SerializeToString())
        while not ends_a_run(line.recv(timeout=60)):
            pass
    ada.go("Activity")
    until_drawn(ada)
    assert len(probe(app)["rooms"]) == 2


def the_others_download_is_refused(app: App, mine: Walk, other: BrowserContext) -> None:
    ticket = download_link(mine)
    for way in (other.request, None):
        answer = way.get(f"{app.url}{ticket}") if way else httpx.get(f"{app.url}{ticket}")
        assert getattr(answer, "status", None) == 404 or getattr(answer, "status_code", 0) == 404
    own = mine.page.context.request.get(f"{app.url}{ticket}")
    assert own.status == 200
    assert json.loads(own.text().splitlines()[0])["raw"]


def download_link(walk: Walk) -> str:
    """The path of a download of what is shown; it works once."""
    walk.go("Activity")
    walk.runs(walk.page.get_by_test_id("stPopover").get_by_role("button", name="Download").click)
    link = walk.page.get_by_role("link", name=re.compile("JSON Lines"))
    path = urlsplit(str(link.get_attribute("href"))).path
    assert path.startswith("/download/")
    walk.page.keyboard.press("Escape")
    settled(walk.page)
    return path


def test_one_app_under_two_names_never_meets_and_forgetting_one_keeps_the_other(
    companies: tuple[Company, Company, Company], browser: Browser, tmp_path: Path
) -> None:
    apps, adas, _ = companies
    ccg = adas.box["ccg"]
    prefix = "BOX_RUNBOOK__PROFILES__TWIN__"
    twin = {
        f"{prefix}LABEL": "Twin of the host",
        f"{prefix}BOX__AUTH": "ccg",
        f"{prefix}BOX__CLIENT_ID": ccg["client_id"],
        f"{prefix}BOX__CLIENT_SECRET": ccg["client_secret"],
        f"{prefix}BOX__ENTERPRISE_ID": ccg["enterprise_id"],
        f"{prefix}BOX__API_URL": adas.server.url,
    }
    total = adas.server.truth()["events"]["total"]
    options = ("--server.disconnectedSessionTTL", "1")
    env = {**environment(apps), **twin}
    with running_app(tmp_path / "data", *options, env=env, script=PROBED) as app:
        wait_until(lambda: events_existing(app) == total)
        context, walk = opened(browser, app)
        enter_ccg(walk, adas)
        assert "Twin of the host" in switcher(walk)
        read_day(walk)  # the host has read everything; this session has no event yet
        until_drawn(walk)
        day = walk.page.get_by_test_id("stMetric").first.inner_text()
        walk.go("Credentials")
        walk.press("Forget now", shows="In use: Twin of the host")
        assert of_sessions(app) == []
        assert "twin" in probe(app)["clients"]
        assert events_existing(app) == total
        walk.go("Activity")
        until_drawn(walk)
        assert walk.page.get_by_test_id("stMetric").first.inner_text() != day
        context.close()
