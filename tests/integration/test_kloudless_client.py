"""Our Kloudless client against the sandbox, over real HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lib.core.errors import KloudlessApiError, RateLimited
from lib.core.redaction import Secret
from lib.http import Egress, Journal, Policy, Waiting, build_client
from lib.kloudless import KloudlessClient, connect
from lib.kloudless.account_import import ImportOrder, body
from lib.kloudless.activity import (
    events,
    subscriptions,
)
from lib.kloudless.oauth import authorize_url, exchange_code, verify_token
from lib.settings.profiles import KloudlessCredentials, Profile, sandbox_profile
from tests.sandbox_server import SandboxServer

QUICK = Policy(waiting=Waiting(sleep=lambda _: None, jitter=lambda low, _high: low))


@pytest.fixture
def given(sandbox: SandboxServer) -> Any:
    return sandbox.credentials()["kloudless"]


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


@pytest.fixture
def credentials(profile: Profile) -> KloudlessCredentials:
    assert profile.kloudless is not None
    return profile.kloudless


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def client(profile: Profile, journal: Journal) -> Iterator[KloudlessClient]:
    egress = Egress.for_profile(profile)
    with connect(profile, egress=egress, journal=journal, policy=QUICK) as client:
        yield client


@pytest.fixture
def http(profile: Profile, journal: Journal) -> Iterator[httpx.Client]:
    with build_client(Egress.for_profile(profile), journal, policy=QUICK) as http:
        yield http


def test_accounts_can_be_listed_in_pages_and_filtered(client: KloudlessClient, given: Any) -> None:
    found = [str(a["id"]) for page in client.all_accounts(page_size=4) for a in page.objects]
    assert set(found) == set(given["account_tokens"])
    assert len(found) == len(set(found))
    admins = client.accounts(admin=True).objects
    assert given["admin_account"] in {str(account["id"]) for account in admins}
    assert all(account["admin"] for account in admins)
    name = str(admins[0]["account"])
    assert client.accounts(search=name).total == 1
    assert all(not account["enabled"] for account in client.accounts(enabled=False).objects)


def test_one_account_by_key_and_by_its_own_token(client: KloudlessClient, given: Any) -> None:
    admin = given["admin_account"]
    assert str(client.account(admin)["id"]) == admin
    mine = KloudlessClient(
        client.http, client.base_url, bearer=Secret(given["account_tokens"][admin])
    )
    assert str(mine.account("me", full=False)["id"]) == admin


def test_an_account_is_imported_changed_and_removed(client: KloudlessClient) -> None:
    order = ImportOrder(account="new@halden.example", token=Secret("test"))
    made = client.import_account(body(order))
    name = str(made["id"])
    try:
        assert client.patch_account(name, {"enabled": False})["enabled"] is False
    finally:
        client.delete_account(name)
    with pytest.raises(KloudlessApiError) as caught:
        client.account(name)
    assert (caught.value.status, caught.value.code) == (404, "not_found")
    assert caught.value.request_id


def test_the_team_is_paged_to_its_end(client: KloudlessClient, given: Any) -> None:
    admin = given["admin_account"]
    users = [u["id"] for page in client.team_users(admin, page_size=20) for u in page.objects]
    assert len(users) == len(set(users)) > 20
    assert client.team_user(admin, users[0])["id"] == users[0]


def test_storage_is_read_as_a_user_of_the_team(client: KloudlessClient, given: Any) -> None:
    admin = given["admin_account"]
    user = next(client.team_users(admin)).objects[3]["id"]
    top = client.folder_contents(admin, as_user=user, page_size=1)
    assert len(top.objects) == 1
    if top.next_page:
        client.folder_contents(admin, page=top.next_page, page_size=1, as_user=user)
    item = top.objects[0]
    read = client.folder if item["type"] == "folder" else client.file
    assert read(admin, item["id"], as_user=user)["name"] == item["name"]
    assert client.folder(admin, as_user=user)["type"] == "folder"
    client.search(admin, "report", as_user=user)
    client.recent(admin, page_size=5, as_user=user)


def test_pass_through_answers_as_box_does(client: KloudlessClient, given: Any) -> None:
    admin = given["admin_account"]
    user = next(client.team_users(admin)).objects[0]["id"]
    plain = client.raw(admin, "GET", "/2.0/users/me", headers={"Box-Notifications": "off"})
    assert plain.status_code == 200
    assert plain.json()["type"] == "user"
    acting = client.raw(admin, "GET", "/2.0/users/me?fields=id", as_user=user)
    assert acting.json()["id"] != plain.json()["id"]
    missing = client.raw(admin, "GET", "/2.0/files/1")
    assert missing.status_code == 404
    assert missing.json()["code"] == "not_found"


def test_events_are_read_to_the_end_and_resumed(client: KloudlessClient, given: Any) -> None:
    admin = given["admin_account"]
    whole = list(events(client, admin, page_size=400))
    assert sum(page.count for page in whole) > 400
    assert whole[-1].remaining == 0
    rest = list(events(client, admin, whole[0].cursor, page_size=400))
    assert [page.body for page in rest] == [page.body for page in whole[1:]]
    (end,) = events(client, admin, whole[-1].cursor)
    assert end.count == 0


def test_now_is_the_end_of_the_stream(client: KloudlessClient, given: Any) -> None:
    cursor = str(client.get(f"/accounts/{given['admin_account']}/events/latest")["cursor"])
    assert sum(p.count for p in events(client, given["admin_account"], cursor)) == 0


def test_the_default_subscription_is_listed(client: KloudlessClient, given: Any) -> None:
    assert subscriptions(client, given["admin_account"]).objects


def test_from_the_consent_page_to_a_verified_token(
    given: Any, credentials: KloudlessCredentials, http: httpx.Client, client: KloudlessClient
) -> None:
    redirect = given["redirect_uris"][0]
    url = httpx.URL(authorize_url(credentials, redirect_uri=redirect, state="s-1"))
    page = httpx.get(url).text
    person = page.split('<select id="person"')[1].split('value="')[1].split('"')[0]
    form = {**dict(url.params), "service": "box", "person": person, "decision": "allow"}
    answer = httpx.post(url.copy_with(query=None), data=form)
    back = httpx.URL(answer.headers["location"])
    assert back.params["state"] == "s-1"
    token = exchange_code(
        credentials, http, code=Secret(back.params["code"]), redirect_uri=redirect
    )
    verified = verify_token(credentials, http, token.value)
    assert verified.client_id == credentials.app_id
    mine = KloudlessClient(http, client.base_url, bearer=token.value)
    assert str(mine.account("me", full=False)["id"]) == verified.account_id


def test_a_foreign_token_is_refused(
    given: Any, credentials: KloudlessCredentials, http: httpx.Client, client: KloudlessClient
) -> None:
    with pytest.raises(KloudlessApiError) as unknown:
        verify_token(credentials, http, Secret("no-such-token"))
    assert unknown.value.status == 400
    verified = verify_token(credentials, http, Secret(given["foreign_token"]))
    assert verified.client_id != credentials.app_id
    with pytest.raises(KloudlessApiError) as caught:
        KloudlessClient(http, client.base_url, bearer=Secret("no-such-token")).account("me")
    assert caught.value.status in (401, 403)
    assert caught.value.cause_id != "unknown"


def test_a_dead_upstream_token_is_reported_from_a_bad_key(
    client: KloudlessClient, sandbox: SandboxServer, given: Any
) -> None:
    with sandbox.fault("upstream_expired"), pytest.raises(KloudlessApiError) as dead:
        client.folder_contents(given["admin_account"])
    assert (dead.value.status, dead.value.code) == (401, "service_unauthorized")
    with pytest.raises(KloudlessApiError) as bad:
        KloudlessClient(client.http, client.base_url, api_key=Secret("wrong")).accounts()
    assert bad.value.cause_id != dead.value.cause_id
    assert "unknown" not in (bad.value.cause_id, dead.value.cause_id)


@pytest.mark.parametrize("fault", ["kloudless_rate_limit", "kloudless_5xx"])
def test_short_trouble_is_ridden_out(
    client: KloudlessClient, sandbox: SandboxServer, journal: Journal, fault: str
) -> None:
    with sandbox.fault(fault, times=2):
        assert client.accounts().total
    assert [call.attempt for call in journal.calls] == [1, 2, 3]


def test_a_limit_that_stays_is_rate_limited(
    client: KloudlessClient, sandbox: SandboxServer
) -> None:
    with sandbox.fault("kloudless_rate_limit", retry_after=7), pytest.raises(RateLimited):
        client.accounts()


def test_no_credential_is_in_the_journal_or_the_sandboxs_log(
    client: KloudlessClient, sandbox: SandboxServer, journal: Journal, given: Any
) -> None:
    client.accounts()
    shown = f"{journal.calls}{sandbox.get('/sandbox/log')}"
    assert given["api_key"] not in shown
