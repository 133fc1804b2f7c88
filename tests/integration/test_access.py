"""Locked by default: what a server that others can reach shows of its configured profiles.

The real app in a process of its own, asked over HTTP and over its WebSocket: every byte it sends is
looked at, whatever a browser would make of it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from lib.ui.shell.navigation import PAGES
from tests.browser.conftest import App, events_existing, running_app, wait_until
from tests.page_socket import visit
from tests.sandbox_server import SandboxServer, running_sandbox

EVERYWHERE = "0.0.0.0"  # noqa: S104  # the address under test
LABEL = "Acme Canary Label"
KEY = "acmecanary"
HIDDEN = "Configured profiles are hidden"
PAGE_NAMES = ["", *(spec.name for spec in PAGES if spec.path.is_file())]
QUERIES = [
    f"profile={KEY}",
    f"profile[]={KEY}&profile={KEY}&profile={KEY.upper()}&shell.profile={KEY}&source=box_stream",
]
# What a client says about itself; none of it is true.
CLAIMS = [
    {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1;host=localhost;proto=https", "X-Forwarded-Host": "localhost"},
    {"X-Streamlit-User": "eyJlbWFpbCI6ICJhZGFAYWNtZS5leGFtcGxlIn0=", "Via": "1.1 localhost"},
]


@dataclass(frozen=True, slots=True)
class Company:
    """A configured profile over a world of its own, and what only that world and profile hold."""

    environment: dict[str, str]
    marks: tuple[str, ...]
    events: int
    sandbox_events: int


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    """A company whose people and events differ from those of the app's sandbox."""
    small = ("--days", "2", "--users", "12", "--no-rate-limits")
    with (
        running_sandbox(*small, "--seed", "4711", until=None) as theirs,
        running_sandbox(*small, until=None) as sandbox,
    ):
        box, ours = theirs.credentials()["box"], sandbox.credentials()["box"]
        prefix = f"BOX_RUNBOOK__PROFILES__{KEY.upper()}__"
        people = set(_people(theirs, box)) - set(_people(sandbox, ours))
        assert people
        yield Company(
            {
                f"{prefix}LABEL": LABEL,
                f"{prefix}BOX__AUTH": "ccg",
                f"{prefix}BOX__CLIENT_ID": box["ccg"]["client_id"],
                f"{prefix}BOX__CLIENT_SECRET": box["ccg"]["client_secret"],
                f"{prefix}BOX__ENTERPRISE_ID": box["ccg"]["enterprise_id"],
                f"{prefix}BOX__API_URL": theirs.url,
                f"{prefix}BOX__WEBHOOK_PRIMARY_KEY": "canary-webhook-key-0815",
                f"{prefix}KLOUDLESS__BASE_URL": "https://kloudless-canary.acme.example/v1",
                f"{prefix}KLOUDLESS__APP_ID": "canary-kloudless-app",
                f"{prefix}KLOUDLESS__API_KEY": "canary-kloudless-key",
                "BOX_RUNBOOK_SANDBOX": sandbox.url,
            },
            (
                *(LABEL, KEY, "canary-kloudless", "kloudless-canary", "canary-webhook-key"),
                *(theirs.url.removeprefix("http://"), box["ccg"]["client_secret"]),
                *sorted(people),
            ),
            theirs.truth()["events"]["total"],
            sandbox.truth()["events"]["total"],
        )


def _people(server: SandboxServer, box: dict[str, str]) -> list[str]:
    bearer = {"authorization": f"Bearer {box['developer_token']}"}
    answer = httpx.get(f"{server.url}/2.0/users?limit=100", headers=bearer, timeout=60)
    return [str(person["login"]) for person in answer.raise_for_status().json()["entries"]]


@pytest.fixture(scope="module")
def locked(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app that listens on every address, and nobody has said who may see its profile."""
    data = tmp_path_factory.mktemp("locked") / "data"
    with running_app(data, address=EVERYWHERE, env=company.environment) as running:
        # Its events are held: there is something to be hidden.
        whole = company.events + company.sandbox_events
        wait_until(lambda: events_existing(running) == whole)
        yield running


def found(company: Company, sent: bytes) -> list[str]:
    return [mark for mark in company.marks if mark.encode() in sent]


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_no_page_of_a_locked_server_shows_a_configured_profile(
    locked: App, company: Company, page: str
) -> None:
    for query in QUERIES:
        seen = visit(locked.url, page, query=query)
        # The key that was asked for may come back in the address; nothing else may.
        assert set(found(company, seen.all)) <= {KEY}
        assert HIDDEN in seen
    seen = visit(locked.url, page)
    assert found(company, seen.all) == []
    assert HIDDEN in seen


@pytest.mark.parametrize("claims", CLAIMS)
def test_nothing_that_a_client_claims_unlocks(
    locked: App, company: Company, claims: dict[str, str]
) -> None:
    port = locked.url.rpartition(":")[2]
    for host in (f"localhost:{port}", "127.0.0.1", f"[::1]:{port}"):
        seen = visit(locked.url, "activity", host=host, headers=claims)
        assert found(company, seen.all) == []
        assert HIDDEN in seen


@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"/activity?profile={KEY}",
        f"/media/{KEY}.csv",
        f"/media/..%2f..%2f{KEY}",
        f"/download/{KEY}",
        "/download/..%2fowner.json",
        f"/webhooks/box/{KEY}",
        "/healthz",
        "/_stcore/health",
        "/_stcore/host-config",
        "/_stcore/metrics",
        "/_stcore/script-health-check",
        "/_stcore/agent/openapi.json",
        "/app/static/owner.json",
        "/static/..%2f..%2fowner.json",
        "/component/..%2fowner.json",
        "/.streamlit/secrets.toml",
        "/owner.json",
    ],
)
def test_no_address_of_a_locked_server_tells_of_a_configured_profile(
    locked: App, company: Company, path: str
) -> None:
    for claims in ({}, *CLAIMS, {"Host": "localhost"}):
        answer = httpx.get(f"{locked.url}{path}", headers=claims, timeout=30)
        assert found(company, answer.content) == []
        assert found(company, str(answer.headers).encode()) == []
        owner = json.loads((locked.data / "owner.json").read_text())
        assert owner["token"].encode() not in answer.content


def test_the_owner_answers_nobody_without_its_token(locked: App) -> None:
    owner = json.loads((locked.data / "owner.json").read_text())
    for headers in ({}, {"X-Runbook-Token": "x"}, *CLAIMS):
        for method, path in (("GET", "/status"), ("POST", "/export"), ("POST", "/drain")):
            answer = httpx.request(method, f"{owner['url']}{path}", headers=headers, timeout=30)
            assert (answer.status_code, answer.json()) == (403, {"ok": False})


def test_healthz_has_no_secret_and_no_profile(locked: App, company: Company) -> None:
    wait_until(lambda: locked.get("/healthz").status_code == 200)
    answer = locked.get("/healthz")
    assert set(answer.json()) == {"ok", "ledger", "events", "drain_lag_s", "version"}
    assert answer.headers["content-type"] == "application/json"
    assert found(company, answer.content) == []


def test_no_secret_of_a_configured_profile_is_in_the_log(locked: App, company: Company) -> None:
    log = locked.log.read_bytes()
    secret = company.environment[f"BOX_RUNBOOK__PROFILES__{KEY.upper()}__BOX__CLIENT_SECRET"]
    for mark in (secret, "canary-kloudless-key", "canary-webhook-key"):
        assert mark.encode() not in log


def test_open_shows_it_and_every_page_says_so(company: Company, tmp_path: Path) -> None:
    environment = {**company.environment, "BOX_RUNBOOK__ACCESS__OPEN": "true"}
    with running_app(tmp_path / "data", address=EVERYWHERE, env=environment) as app:
        wait_until(lambda: events_existing(app) == company.events)
        for page in PAGE_NAMES:
            seen = visit(app.url, page, query=f"profile={KEY}")
            assert LABEL in seen
            assert "access.open is true" in seen
        assert "canary-kloudless-key" not in seen
        secret = company.environment[f"BOX_RUNBOOK__PROFILES__{KEY.upper()}__BOX__CLIENT_SECRET"]
        assert secret not in seen


def test_on_loopback_it_is_shown(company: Company, tmp_path: Path) -> None:
    """So the marks that a locked server doesn't show are ones that it would."""
    with running_app(tmp_path / "data", env=company.environment) as app:
        wait_until(lambda: events_existing(app) == company.events)
        activity = visit(app.url, "activity", query=f"profile={KEY}&period=365d")
        assert LABEL in activity
        assert HIDDEN not in activity
        shown = found(company, visit(app.url, "accounts", query=f"profile={KEY}").all)
        assert any("@" in mark for mark in shown)


def test_people_named_in_access_lock_even_loopback(company: Company, tmp_path: Path) -> None:
    environment = {**company.environment, "BOX_RUNBOOK__ACCESS__ADMINS": "ada@acme.example"}
    with running_app(tmp_path / "data", env=environment) as app:
        seen = visit(app.url, "activity", query=f"profile={KEY}")
        assert set(found(company, seen.all)) <= {KEY}
        assert "can't sign them in yet" in seen.all.decode(errors="replace").replace("\\", "")
