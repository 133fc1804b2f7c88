"""A sign-in at the sandbox's Box brought to its end, and one that replaces a dead refresh token."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from lib.app.clients import Clients
from lib.app.sign_in_again import sign_in_again
from lib.box.sign_in import SignedIn, same_person
from lib.box.sign_in import sign_in as finish
from lib.core.errors import RunbookError, StoreError, TokenError
from lib.core.redaction import Secret
from lib.http import Egress, Journal, Policy, Waiting, build_client
from lib.settings.loading import load_settings
from lib.settings.profiles import BoxAuth, BoxCredentials, Profile, session_profile
from lib.store.ledger.records import AuditEntry
from tests.sandbox_oauth import consent, sign_in
from tests.sandbox_server import SandboxServer

QUICK = Policy(waiting=Waiting(sleep=lambda _: None, jitter=lambda low, _high: low), budget=None)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def app(sandbox: SandboxServer) -> BoxCredentials:
    """The sandbox's OAuth app, before anybody signed in."""
    box = sandbox.credentials()["box"]
    return BoxCredentials(
        auth=BoxAuth.OAUTH,
        client_id=box["oauth"]["client_id"],
        client_secret=Secret(box["oauth"]["client_secret"]),
        api_url=sandbox.url,
        account_url=f"{sandbox.url}/api",
    )


@pytest.fixture
def http(app: BoxCredentials, sandbox: SandboxServer) -> Iterator[httpx.Client]:
    egress = Egress.for_profile(session_profile(box=app), sandbox_url=sandbox.url)
    with build_client(egress, Journal(), policy=QUICK) as http:
        yield http


def test_a_code_leads_to_a_person_and_leaves_the_refresh_token_unspent(
    sandbox: SandboxServer, app: BoxCredentials, http: httpx.Client
) -> None:
    given = consent(sandbox, user="coadmin")
    found = finish(app, http, code=Secret(given.code), redirect_uri=given.redirect_uri)
    assert found.problem is None
    assert found.user_id == given.user_id
    assert found.enterprise_id == sandbox.credentials()["box"]["ccg"]["enterprise_id"]
    assert found.headline == f"Signed in to Box as {found.who}"
    assert str(found.me["login"]) in found.who
    assert given.code not in repr(found)
    assert found.refresh_token.reveal() not in repr(found)
    profile = session_profile(box=replace(app, refresh_token=found.refresh_token))
    client = Clients((), lambda: sandbox.url).box(profile)
    with client:
        assert client.me(("id",))["id"] == given.user_id


def test_a_code_works_once(sandbox: SandboxServer, app: BoxCredentials, http: httpx.Client) -> None:
    given = consent(sandbox)
    finish(app, http, code=Secret(given.code), redirect_uri=given.redirect_uri)
    with pytest.raises(TokenError):
        finish(app, http, code=Secret(given.code), redirect_uri=given.redirect_uri)


def test_a_proof_that_fails_does_not_lose_the_tokens(
    sandbox: SandboxServer, app: BoxCredentials, http: httpx.Client
) -> None:
    given = consent(sandbox)
    with sandbox.fault("token_rejected"):
        found = finish(app, http, code=Secret(given.code), redirect_uri=given.redirect_uri)
    assert found.problem is not None
    assert found.refresh_token
    assert "didn't report the user" in found.headline


def test_an_answer_of_another_place_is_no_reason_to_go_there(
    sandbox: SandboxServer, app: BoxCredentials, http: httpx.Client
) -> None:
    given = consent(sandbox)
    elsewhere = given.redirect_uri.replace("/connected", "/elsewhere")
    with pytest.raises(TokenError):
        finish(app, http, code=Secret(given.code), redirect_uri=elsewhere)


# -- signing in again --------------------------------------------------------------------------


@dataclass(slots=True)
class Host:
    """A configured OAuth profile whose refresh token was spent by somebody else."""

    sandbox: SandboxServer
    profile: Profile
    clients: Clients
    audited: list[AuditEntry]

    def again(self, *, user: str = "admin", profile: Profile | None = None) -> SignedIn:
        given = consent(self.sandbox, user=user)
        return sign_in_again(
            self.clients,
            profile or self.profile,
            code=Secret(given.code),
            redirect_uri=given.redirect_uri,
            audit=self.audited.append,
            now=lambda: NOW,
        )

    def works(self, clients: Clients | None = None) -> bool:
        try:
            return bool((clients or self.clients).box(self.profile).me(("id",)))
        except TokenError:
            return False

    def named(self, **values: str) -> Profile:
        """The profile, naming a user or an enterprise."""
        assert self.profile.box is not None
        return replace(self.profile, box=replace(self.profile.box, **values))  # type: ignore[arg-type]


@pytest.fixture
def host(sandbox: SandboxServer, tmp_path: Path) -> Iterator[Host]:
    grant = sign_in(sandbox)
    env = {
        "BOX_RUNBOOK_DATA": str(tmp_path / "data"),
        "BOX_RUNBOOK_SANDBOX": sandbox.url,
        **grant.environment(sandbox.url),
    }
    settings = load_settings(environ=env, secrets={})
    profile = settings.profiles["acme"]
    clients = Clients((), lambda: sandbox.url, settings.data_dir)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token,
        "client_id": grant.client_id,
        "client_secret": grant.client_secret,
    }
    httpx.post(f"{sandbox.url}/oauth2/token", data=form, timeout=60).raise_for_status()
    host = Host(sandbox, profile, clients, [])
    assert not host.works()
    yield host
    clients.close()


def test_a_new_sign_in_replaces_a_dead_token_for_all_and_over_restarts(host: Host) -> None:
    found = host.again()
    assert host.works()
    # Another process of the same host, and a restart.
    later = Clients((), lambda: host.sandbox.url, host.clients._data_dir)
    assert host.works(later)
    later.close()
    assert [(one.what, one.subject, one.outcome) for one in host.audited] == [
        ("sign_in_again", f"user {found.user_id}", "ok")
    ]


def test_the_next_call_is_made_as_who_signed_in(host: Host) -> None:
    host.again()
    before = host.clients.box(host.profile).me(("id",))["id"]
    found = host.again(user="coadmin")
    assert host.clients.box(host.profile).me(("id",))["id"] == found.user_id != before


def test_the_wrong_person_is_refused_and_the_kept_token_stays(host: Host) -> None:
    mine = host.again()
    profile = host.named(user_id=mine.user_id)
    with pytest.raises(RunbookError, match="user that this profile names"):
        host.again(user="coadmin", profile=profile)
    assert host.clients.box(host.profile).me(("id",))["id"] == mine.user_id
    assert host.audited[-1].outcome == "refused"
    assert host.again(profile=profile).user_id == mine.user_id


def test_another_enterprise_is_refused(host: Host) -> None:
    with pytest.raises(RunbookError, match="enterprise that this profile names"):
        host.again(profile=host.named(enterprise_id="999"))
    assert not host.works()


def test_who_it_was_must_be_known(host: Host) -> None:
    client_id = host.sandbox.credentials()["box"]["oauth"]["client_id"]
    with host.sandbox.fault("token_rejected", client_id=client_id), pytest.raises(RunbookError):
        host.again()
    assert not host.works()
    assert host.audited[-1].outcome == "refused"


def test_a_folder_that_can_not_be_written_is_reported(host: Host, tmp_path: Path) -> None:
    wall = tmp_path / "wall"
    wall.write_text("a file where a folder should be")
    host.clients = Clients((), lambda: host.sandbox.url, wall / "data")
    with pytest.raises(StoreError):
        host.again()
    assert host.audited[-1].outcome == "refused"
    host.clients.close()


def test_same_person_says_nothing_where_nothing_is_named() -> None:
    found = SignedIn(Secret("r"), token=None, me={"id": "1", "enterprise": None})  # type: ignore[arg-type]
    same_person(BoxCredentials(), found)
    with pytest.raises(RunbookError) as caught:
        same_person(BoxCredentials(enterprise_id="7"), found)
    assert "Box reports none" in caught.value.cause
