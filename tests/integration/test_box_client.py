"""Our Box client against the sandbox, over real HTTP: what works here must work on Box."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from lib.box import BoxClient, EntryPage, Subject, SubjectType, connect
from lib.box.events import EventPage, read_history, read_stream
from lib.box.tokens.auth import Token, authorize_url, exchange, exchange_code, fixed_token
from lib.core.errors import BoxApiError, RateLimited, TokenError, Unreachable, Who
from lib.core.redaction import Secret
from lib.http import Egress, Journal, Policy, RetryPolicy, Waiting, build_client
from lib.settings.profiles import BoxAuth, BoxCredentials, Profile, sandbox_profile
from tests.sandbox_server import SandboxServer

END = datetime(2026, 11, 1, tzinfo=UTC)
QUICK = Policy(
    waiting=Waiting(sleep=lambda _: None, jitter=lambda low, _high: low), budget=None, read_s=30
)


def entries(pages: Iterable[EntryPage]) -> Iterator[Mapping[str, Any]]:
    return (entry for page in pages for entry in page.entries)


def revoke(credentials: BoxCredentials, token: Secret) -> None:
    """As a person does who takes the app's access away."""
    assert credentials.client_secret is not None
    form = {
        "token": token.reveal(),
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret.reveal(),
    }
    httpx.post(f"{credentials.api_url}/oauth2/revoke", data=form).raise_for_status()


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


@pytest.fixture
def box(profile: Profile) -> BoxCredentials:
    assert profile.box is not None
    return profile.box


@pytest.fixture
def journal() -> Journal:
    return Journal(limit=5000)


Connect = Callable[..., BoxClient]


@pytest.fixture
def client_of(profile: Profile, journal: Journal) -> Iterator[Connect]:
    opened: list[BoxClient] = []

    def make(box: BoxCredentials | None = None, **options: Any) -> BoxClient:
        mine = replace(profile, box=box or profile.box)
        egress = Egress.for_profile(mine)
        options.setdefault("policy", QUICK)
        opened.append(connect(mine, egress=egress, journal=journal, **options))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def client(client_of: Connect) -> BoxClient:
    return client_of()


@pytest.fixture
def http(profile: Profile, journal: Journal) -> Iterator[httpx.Client]:
    with build_client(Egress.for_profile(profile), journal, policy=QUICK) as http:
        yield http


def ids_of(page: EventPage) -> list[str]:
    return [entry["event_id"] for entry in orjson.loads(page.body)["entries"]]


# -- tokens ----------------------------------------------------------------------------------


def test_the_service_account_answers_for_the_enterprise(
    client: BoxClient, box: BoxCredentials
) -> None:
    me = client.me()
    assert me["login"].endswith("@boxdevedition.com")
    assert me["enterprise"]["id"] == box.enterprise_id
    skew_s = client.tokens.skew_s
    assert skew_s is not None
    assert abs(skew_s) < 3


def test_a_user_token_is_that_users(client_of: Connect, sandbox: SandboxServer) -> None:
    user = sandbox.credentials()["box"]["users"]["managed"]
    client = client_of(subject=Subject(SubjectType.USER, user))
    assert client.me(("id",))["id"] == user


def test_ccg_works_as_jwt_does(
    client_of: Connect, sandbox: SandboxServer, box: BoxCredentials
) -> None:
    ccg = sandbox.credentials()["box"]["ccg"]
    credentials = BoxCredentials(
        auth=BoxAuth.CCG,
        client_id=ccg["client_id"],
        client_secret=Secret(ccg["client_secret"]),
        enterprise_id=ccg["enterprise_id"],
        api_url=box.api_url,
    )
    assert client_of(credentials).me()["enterprise"]["id"] == ccg["enterprise_id"]


def test_a_developer_token_works_as_it_is(
    client_of: Connect, sandbox: SandboxServer, box: BoxCredentials
) -> None:
    token = sandbox.credentials()["box"]["developer_token"]
    credentials = BoxCredentials(
        auth=BoxAuth.DEVELOPER_TOKEN, developer_token=Secret(token), api_url=box.api_url
    )
    assert client_of(credentials).me()["id"]


def test_oauth_from_the_consent_page_to_a_rotated_refresh_token(
    client_of: Connect, sandbox: SandboxServer, box: BoxCredentials, http: httpx.Client
) -> None:
    app = sandbox.credentials()["box"]["oauth"]
    oauth = BoxCredentials(
        auth=BoxAuth.OAUTH,
        client_id=app["client_id"],
        client_secret=Secret(app["client_secret"]),
        api_url=box.api_url,
        account_url=box.account_url,
    )
    redirect = app["redirect_uris"][0]
    url = httpx.URL(authorize_url(oauth, redirect_uri=redirect, state="s-1"))
    person = client_of().users_page(limit=1, fields=("login",)).entries[0]
    asked = {**dict(url.params), "login": person["login"], "decision": "grant"}
    back = httpx.URL(httpx.post(str(url.copy_with(query=None)), data=asked).headers["location"])
    assert back.params["state"] == "s-1"
    grant = exchange_code(oauth, http, code=Secret(back.params["code"]), redirect_uri=redirect)
    assert grant.refresh_token is not None
    kept: list[Secret] = []
    client = client_of(
        replace(oauth, refresh_token=grant.refresh_token),
        on_refresh=lambda refresh, _token: kept.append(refresh),
    )
    assert client.me(("id",))["id"] == person["id"]
    client.tokens.invalidate()
    assert client.me(("id",))["id"] == person["id"]
    assert len(kept) == 2
    with pytest.raises(TokenError) as caught:  # the first one was spent
        client_of(replace(oauth, refresh_token=grant.refresh_token)).me()
    assert caught.value.cause_id in ("token.refresh_invalid", "token.refresh_expired")
    revoke(oauth, kept[-1])
    client.tokens.invalidate()
    with pytest.raises(TokenError):
        client.me()


@pytest.mark.parametrize("fault", ["clock_fast", "clock_slow"])
def test_a_wrong_clock_is_corrected_and_reported(
    client: BoxClient, sandbox: SandboxServer, fault: str
) -> None:
    with sandbox.fault(fault, offset=300):
        assert client.me()["id"]
    expected = 300 if fault == "clock_fast" else -300
    assert client.tokens.skew_s == pytest.approx(expected, abs=3)


TOKEN_FAULTS = {
    "token_exp_not_integer": "token.exp_not_integer",
    "token_jti_used": "token.jti_reused",
    "token_sub": "token.sub_invalid",
    "token_signature": "token.signature",
    "token_aud": "token.aud",
    "token_iss": "token.iss",
    "token_grant_credentials": "token.ccg_refused",
    "app_not_authorized": "token.app_not_authorized",
    "app_not_authorized_short": "token.app_not_authorized",
    "token_grant_type": "token.grant_not_allowed",
    "token_subject_type": "token.subject_type",
    "token_user": "token.user_token_refused",
    "token_enterprise": "token.enterprise_token_refused",
    "token_client": "token.bad_client",
    "token_request": "token.bad_request",
}


@pytest.mark.parametrize("fault, cause", TOKEN_FAULTS.items())
def test_each_refusal_of_the_token_endpoint_has_its_cause(
    client: BoxClient, sandbox: SandboxServer, journal: Journal, fault: str, cause: str
) -> None:
    with sandbox.fault(fault), pytest.raises(TokenError) as caught:
        client.me()
    assert caught.value.cause_id == cause
    assert caught.value.header_request_id
    assert len(journal.calls) == 1  # a refusal is final
    assert client.me()["id"]


def test_another_enterprise_has_not_authorized_the_app(
    box: BoxCredentials, http: httpx.Client
) -> None:
    with pytest.raises(TokenError) as caught:
        exchange(box, http, subject=Subject(SubjectType.ENTERPRISE, "999999"))
    assert caught.value.cause_id in ("token.sub_invalid", "token.app_not_authorized")


def test_a_rejected_token_is_replaced_once_and_then_reported(
    client: BoxClient, sandbox: SandboxServer, journal: Journal
) -> None:
    client.me()
    with sandbox.fault("token_rejected", times=1):
        assert client.me()["id"]
    journal.clear()
    with sandbox.fault("token_rejected"), pytest.raises(BoxApiError) as caught:
        client.me()
    assert caught.value.cause_id == "box.invalid_token"
    assert [call.path for call in journal.calls] == [
        "/2.0/users/me",
        "/oauth2/token",
        "/2.0/users/me",
    ]
    assert journal.calls[0].error_code == "invalid_token"


def test_a_revoked_token_is_replaced(client: BoxClient, box: BoxCredentials) -> None:
    client.me()
    revoke(box, client.tokens.token().value)
    assert client.me()["id"]


def test_threads_share_one_token(client: BoxClient, journal: Journal) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client.me(("id",))["id"], range(24)))
    assert len(set(found)) == 1
    assert [call.path for call in journal.calls].count("/oauth2/token") == 1


# -- people and content ----------------------------------------------------------------------


def test_users_are_the_same_by_marker_and_by_offset(
    client: BoxClient, sandbox: SandboxServer
) -> None:
    by_marker = [user["id"] for user in entries(client.users(limit=25))]
    first = client.users_page(limit=25, offset=0)
    by_offset = [user["id"] for user in first.entries]
    offset = first.next_offset
    while offset is not None:
        page = client.users_page(limit=25, offset=offset)
        by_offset += [user["id"] for user in page.entries]
        offset = page.next_offset
    assert Counter(by_marker) == Counter(by_offset)
    assert len(by_marker) > 25
    assert sandbox.credentials()["box"]["users"]["managed"] in by_marker


def test_groups_memberships_and_folders_can_be_walked(client: BoxClient) -> None:
    groups = list(entries(client.groups(limit=3)))
    members = list(entries(client.group_memberships(groups[0]["id"])))
    assert members
    user = members[0]["user"]["id"]
    assert groups[0]["id"] in [
        entry["group"]["id"] for entry in entries(client.user_memberships(user))
    ]
    mine = client.as_user(user)
    assert mine.me(("id",))["id"] == user
    page = mine.folder_items("0", limit=2, fields=("id", "name", "type"))
    assert mine.folder("0", ("id", "name"))["name"] == "All Files"
    for item in page.entries:
        read = mine.folder if item["type"] == "folder" else mine.file
        assert read(item["id"])["name"] == item["name"]


def test_search_and_recent_items_answer(client: BoxClient, sandbox: SandboxServer) -> None:
    user = client.as_user(sandbox.credentials()["box"]["users"]["managed"])
    assert user.recent_items(limit=5).limit == 5
    assert isinstance(user.search("report", limit=5).entries, tuple)


def test_a_webhook_lives_and_ends(client: BoxClient, sandbox: SandboxServer) -> None:
    owner = client.as_user(sandbox.credentials()["box"]["users"]["managed"])
    folder = next(
        item for item in owner.folder_items("0", limit=100).entries if item["type"] == "folder"
    )
    made = owner.create_webhook(
        target_type="folder",
        target_id=folder["id"],
        address="https://runbook.example/webhooks/box/sandbox",
        triggers=["FILE.UPLOADED"],
    )
    try:
        changed = owner.update_webhook(made["id"], triggers=["FILE.DELETED"])
        assert changed["triggers"] == ["FILE.DELETED"]
        assert made["id"] in [entry["id"] for entry in owner.webhooks_page().entries]
        assert owner.webhook(made["id"])["target"]["id"] == folder["id"]
    finally:
        owner.delete_webhook(made["id"])
    with pytest.raises(BoxApiError) as caught:
        owner.webhook(made["id"])
    assert caught.value.status == 404


# -- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize("json_body", [False, True])
def test_a_missing_scope_is_named_from_body_or_header(
    client: BoxClient, sandbox: SandboxServer, *, json_body: bool
) -> None:
    client.me()
    with sandbox.fault("missing_scope_manage_managed_users"):
        sandbox.post("/sandbox/faults", {"name": "missing_scope_manage_app_users"})
        if json_body:
            sandbox.post("/sandbox/faults", {"name": "json_403"})
        with pytest.raises(BoxApiError) as caught:
            client.users_page()
    assert caught.value.status == 403
    assert caught.value.code == "insufficient_scope"
    assert caught.value.cause_id == "box.insufficient_scope"
    assert caught.value.header_request_id


def test_no_report_right_is_reported_from_a_missing_scope(
    client: BoxClient, sandbox: SandboxServer
) -> None:
    with sandbox.fault("no_report_right"), pytest.raises(BoxApiError) as right:
        list(read_stream(client, "now"))
    assert right.value.cause_id == "events.no_report_right"
    with (
        sandbox.fault("missing_scope_manage_enterprise_properties"),
        pytest.raises(BoxApiError) as scope,
    ):
        list(read_stream(client, "now"))
    assert scope.value.cause_id == "events.scope_missing"


def test_the_admin_streams_are_refused_with_as_user(
    client: BoxClient, sandbox: SandboxServer
) -> None:
    user = client.as_user(sandbox.credentials()["box"]["users"]["managed"])
    with pytest.raises(BoxApiError) as caught:
        list(read_stream(user, "now"))
    assert caught.value.cause_id == "as_user.enterprise_events"


def test_an_unknown_item_is_not_found(client: BoxClient) -> None:
    with pytest.raises(BoxApiError) as caught:
        client.file("1")
    assert (caught.value.status, caught.value.code) == (404, "not_found")
    assert caught.value.request_id
    assert caught.value.header_request_id
    assert caught.value.request_id != caught.value.header_request_id


# -- trouble on the way ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["server_error_500", "server_error_502", "server_error_503", "rate_limit"]
)
def test_short_trouble_is_ridden_out(
    client: BoxClient, sandbox: SandboxServer, journal: Journal, fault: str
) -> None:
    client.me()
    journal.clear()
    with sandbox.fault(fault, times=3):
        assert client.in_background().me()["id"]
    assert [call.attempt for call in journal.calls] == [1, 2, 3, 4]


def test_a_dropped_connection_is_ridden_out_and_then_named(
    client: BoxClient, sandbox: SandboxServer
) -> None:
    client.me()
    with sandbox.fault("dropped_connection", times=2):
        assert client.me()["id"]
    with sandbox.fault("dropped_connection"), pytest.raises(Unreachable) as caught:
        client.me()
    assert caught.value.kind == "reset"


def test_a_limit_that_stays_is_rate_limited(client: BoxClient, sandbox: SandboxServer) -> None:
    client.me()
    with sandbox.fault("rate_limit", retry_after=7), pytest.raises(RateLimited) as caught:
        client.me()
    assert caught.value.retry_after_s == 7


def test_a_cut_json_body_is_malformed(client: BoxClient, sandbox: SandboxServer) -> None:
    client.me()
    with sandbox.fault("malformed_json"), pytest.raises(Unreachable) as caught:
        client.me()
    assert caught.value.kind == "malformed"


def test_a_slow_answer_is_a_timeout(client_of: Connect, sandbox: SandboxServer) -> None:
    hasty = replace(QUICK, read_s=0.2, retry=RetryPolicy(attempts=1))
    client = client_of(policy=hasty)
    with sandbox.fault("slow", delay=2.0), pytest.raises(Unreachable) as caught:
        client.me()
    assert caught.value.kind == "timeout"


# -- events ----------------------------------------------------------------------------------


def day(number: int) -> tuple[datetime, datetime]:
    return END - timedelta(days=number), END - timedelta(days=number - 1)


def test_history_of_a_day_is_the_truth(client: BoxClient, sandbox: SandboxServer) -> None:
    start, end = day(3)
    pages = list(read_history(client, start, end))
    found = [name for page in pages for name in ids_of(page)]
    assert len(found) == len(set(found))
    inside = [
        entry
        for page in pages
        for entry in orjson.loads(page.body)["entries"]
        if start <= datetime.fromisoformat(entry["created_at"]) < end
    ]
    assert len(inside) == sandbox.truth()["events"]["by_day"][f"{start:%Y-%m-%d}"]
    assert all(int(page.next_position or 0) > 2**53 for page in pages)


def test_history_resumes_at_every_page(client: BoxClient) -> None:
    start, end = day(2)
    whole = [name for page in read_history(client, start, end) for name in ids_of(page)]
    pieces: list[str] = []
    position: str | None = None
    while page := next(read_history(client, start, end, position=position, limit=200), None):
        pieces += ids_of(page)
        position = page.next_position
    assert pieces == whole


def test_history_can_be_filtered_by_type(client: BoxClient) -> None:
    start, end = day(4)
    requested = {"UPLOAD", "DOWNLOAD"}
    kinds = {
        entry["event_type"]
        for page in read_history(client, start, end, event_types=sorted(requested))
        for entry in orjson.loads(page.body)["entries"]
    }
    assert kinds == requested


def test_streaming_holds_all_of_history_and_more_than_once(client: BoxClient) -> None:
    start, end = day(1)
    history = {name for page in read_history(client, start, end) for name in ids_of(page)}
    streamed = Counter(
        name for page in read_stream(client.in_background(), None) for name in ids_of(page)
    )
    assert history <= set(streamed)
    assert max(streamed.values()) > 1


def test_a_live_stream_goes_on_from_the_stored_position(client: BoxClient) -> None:
    whole = list(read_stream(client, None))
    stored = whole[len(whole) // 2].next_position
    rest = list(read_stream(client, stored))
    ids = [name for page in whole[len(whole) // 2 + 1 :] for name in ids_of(page)]
    assert [name for page in rest for name in ids_of(page)] == ids
    (last,) = read_stream(client, rest[-1].next_position)
    assert last.count == 0


def test_an_empty_page_with_zero_does_not_move_the_position(
    client: BoxClient, sandbox: SandboxServer
) -> None:
    (empty,) = read_stream(client, "now")
    with sandbox.fault("empty_page_zero"):
        (again,) = read_stream(client, empty.next_position)
    assert again.next_position == empty.next_position


def test_a_repeated_page_costs_nothing_but_a_repeat(
    client: BoxClient, sandbox: SandboxServer
) -> None:
    start, end = day(2)
    whole = {name for page in read_history(client, start, end) for name in ids_of(page)}
    reading = read_history(client, start, end)
    pages = [next(reading)]
    with sandbox.fault("repeated_page", times=1):
        pages.append(next(reading))
    pages.extend(reading)
    assert {name for page in pages for name in ids_of(page)} == whole
    assert sum(page.count for page in pages) > len(whole)


@pytest.mark.parametrize("stream", ["all", "changes", "sync"])
def test_user_streams_are_the_users_own(
    client_of: Connect, sandbox: SandboxServer, stream: str
) -> None:
    user = sandbox.credentials()["box"]["users"]["managed"]
    client = client_of(subject=Subject(SubjectType.USER, user))
    pages = list(read_stream(client, None, stream))
    assert pages[-1].count == 0
    assert pages[-1].next_position


def test_an_invalid_position_is_refused_by_name(client: BoxClient) -> None:
    with pytest.raises(BoxApiError, match="stream position") as caught:
        list(read_stream(client, "nonsense"))
    assert caught.value.status == 400


# -- secrets ---------------------------------------------------------------------------------


def test_no_credential_is_in_the_journal_or_the_sandboxs_log(
    client: BoxClient, sandbox: SandboxServer, journal: Journal, box: BoxCredentials
) -> None:
    token = client.tokens.token()
    client.me()
    client.tokens.invalidate()
    with sandbox.fault("token_client"), pytest.raises(TokenError) as caught:
        client.me()
    shown = f"{journal.calls}{caught.value}{caught.value.cause}{sandbox.get('/sandbox/log')}"
    for secret in (token.value, box.client_secret, box.private_key, box.passphrase):
        assert isinstance(secret, Secret)
        assert secret.reveal() not in shown
    assert caught.value.who in Who


def test_a_token_given_elsewhere_is_usable(client: BoxClient, http: httpx.Client) -> None:
    given = Token(client.tokens.token().value, None)
    other = BoxClient(http, fixed_token(given, "given"), api_url=client.api_url)
    assert other.me()["id"] == client.me()["id"]
