"""Acting for a user in every way: proved side by side on the sandbox, and what bars it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from lib.app.background.checking import context_for
from lib.app.clients import Clients
from lib.core.redaction import Secret
from lib.kloudless import KloudlessClient
from lib.runbook.impersonation.attempts import Attempt, compare, differences
from lib.runbook.impersonation.rules import (
    Caller,
    Person,
    Way,
    barred,
    caller_of,
    person_of,
    rules,
    ways_of,
)
from lib.runbook.impersonation.team import Match, admin_accounts, found_in_team, team_person
from lib.settings.profiles import BoxAuth, Profile, sandbox_profile
from tests.sandbox_server import SandboxServer

FIELDS = ("id", "login", "role", "status", "is_platform_access_only")
SERVICE = Caller(id="1", role="user", service=True, auth=BoxAuth.JWT)


@pytest.fixture
def clients(sandbox: SandboxServer) -> Iterator[Clients]:
    made = Clients((), lambda: sandbox.url)
    yield made
    made.close()


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


def person(sandbox: SandboxServer, clients: Clients, profile: Profile, kind: str) -> Person:
    user_id = sandbox.credentials()["box"]["users"][kind]
    return person_of(clients.box(profile).user(user_id, FIELDS))


def tried(
    profile: Profile, clients: Clients, who: Person, me: Caller = SERVICE
) -> dict[Way, Attempt]:
    with context_for(profile, clients) as context:
        return {one.way: one for one in compare(context, who, me)}


def test_a_managed_user_is_the_same_in_every_way(
    sandbox: SandboxServer, clients: Clients, profile: Profile
) -> None:
    who = person(sandbox, clients, profile, "managed")
    start = len(sandbox.get("/sandbox/log"))
    found = tried(profile, clients, who)
    assert all(one.worked for one in found.values())
    assert {one.user_id for one in found.values()} == {who.id}
    assert {one.login for one in found.values()} == {who.login}
    assert found[Way.KLOUDLESS].matched == Match.CONVERTED
    assert len({one.items for one in found.values()}) == 1
    assert differences(who, list(found.values())) == ()
    assert all(one.request_ids for way, one in found.items() if way is not Way.KLOUDLESS)
    served = sandbox.get("/sandbox/log")[start:]
    writes = [one for one in served if one["method"] not in ("GET", "OPTIONS")]
    # Kloudless takes a conversion and a pass-through GET as a POST; Box itself is only read.
    account = sandbox.credentials()["kloudless"]["admin_account"]
    posts = {f"/v1/accounts/{account}/{call}/" for call in ("encode_raw_id", "raw")}
    assert {one["path"] for one in writes} - {"/oauth2/token"} == posts


@pytest.mark.parametrize(
    "fault,way,cause",
    [
        ("as_user_off", Way.AS_USER, "as_user.switch_off"),
        ("user_tokens_off", Way.USER_TOKEN, "token.user_token_refused"),
        ("upstream_expired", Way.KLOUDLESS, "kloudless.service_unauthorized"),
    ],
)
def test_a_way_that_is_refused_is_reported_with_its_cause_and_the_others_still_work(
    sandbox: SandboxServer,
    clients: Clients,
    profile: Profile,
    fault: str,
    way: Way,
    cause: str,
) -> None:
    who = person(sandbox, clients, profile, "managed")
    with sandbox.fault(fault):
        found = tried(profile, clients, who)
    error = found[way].error
    assert error is not None
    assert error.cause_id == cause
    assert any(one.worked for one in found.values())
    reported = " ".join(differences(who, list(found.values())))
    assert way.value in reported
    assert "acting as this person is possible" in reported


def test_an_external_user_is_not_called_for_at_all(
    sandbox: SandboxServer, clients: Clients, profile: Profile
) -> None:
    who = Person("1", "guest@elsewhere.example", foreign=True)
    start = len(sandbox.get("/sandbox/log"))
    found = tried(profile, clients, who)
    assert all("Belongs to th" in one.skipped for one in found.values())
    assert [one["path"] for one in sandbox.get("/sandbox/log")[start:]] == ["/sandbox/log"]


def test_why_not_is_reported_for_each_way_as_it_is_documented() -> None:
    """A co-admin's limit is one of As-User; where nothing is documented, only a call tells."""
    coadmin = Caller(id="9", role="coadmin", auth=BoxAuth.JWT)
    other = Person("1", "co@acme.example", role="coadmin", status="active")
    closed = {way: " ".join(barred(way, other, coadmin)) for way in Way}
    assert "can't act as another" in closed[Way.AS_USER]
    assert closed[Way.USER_TOKEN] == closed[Way.KLOUDLESS] == ""
    assert barred(Way.AS_USER, other, Caller(role="admin", auth=BoxAuth.JWT)) == ()
    assert barred(Way.AS_USER, replace(other, id="9"), coadmin) == ()  # oneself

    service = Person("1", "AutomationUser_1_x@boxdevedition.com", service=True)
    assert barred(Way.AS_USER, service, SERVICE)
    assert barred(Way.USER_TOKEN, service, SERVICE)  # its own ID
    assert not barred(Way.USER_TOKEN, replace(service, id="2"), SERVICE)
    assert not barred(Way.KLOUDLESS, service, SERVICE)

    inactive = Person("1", "x@acme.example", status="inactive")
    for way in Way:
        assert not barred(way, inactive, SERVICE)
        assert any(
            "says nothing about inactive" in one.text for one in rules(way, inactive, SERVICE)
        )

    member = Caller(id="9", role="user", auth=BoxAuth.OAUTH)
    managed = Person("1", "x@acme.example", role="user", status="active")
    assert "who manages users" in " ".join(barred(Way.AS_USER, managed, member))
    assert "only such apps" in " ".join(barred(Way.USER_TOKEN, managed, member))
    assert all(barred(way, replace(managed, foreign=True), SERVICE) for way in Way)


def test_who_belongs_to_no_enterprise_is_external() -> None:
    ours = {"id": "1", "login": "a@x.example", "enterprise": {"id": "5"}}
    assert not person_of(ours, enterprise_id="5").foreign
    assert person_of({**ours, "enterprise": {"id": "6"}}, enterprise_id="5").foreign
    assert person_of({**ours, "enterprise": None}, enterprise_id="5").foreign
    assert not person_of({"id": "1", "login": "a@x.example"}, enterprise_id="5").foreign
    assert not person_of({**ours, "enterprise": None}).foreign  # our own isn't known


def test_a_person_who_signed_in_has_no_tokens_for_others(
    sandbox: SandboxServer, clients: Clients, profile: Profile
) -> None:
    assert profile.box is not None
    token = sandbox.credentials()["box"]["developer_token"]
    box = replace(profile.box, auth=BoxAuth.DEVELOPER_TOKEN, developer_token=Secret(token))
    signed_in = replace(profile, box=box, kloudless=None)
    who = person(sandbox, clients, profile, "managed")
    found = tried(signed_in, clients, who, caller_of({"role": "admin"}, box.auth))
    assert "only such apps" in found[Way.USER_TOKEN].skipped
    assert set(found) == {Way.AS_USER, Way.USER_TOKEN}
    assert found[Way.AS_USER].skipped == ""


def test_somebody_whom_kloudless_does_not_know_is_reported_so(
    clients: Clients, profile: Profile
) -> None:
    found = tried(replace(profile, box=None), clients, Person("999", "nobody@acme.example"))
    assert list(found) == [Way.KLOUDLESS]
    assert "No connected admin account has this person" in found[Way.KLOUDLESS].skipped


def test_a_profile_of_kloudless_alone_acts_for_whom_its_team_lists(
    sandbox: SandboxServer, clients: Clients, profile: Profile
) -> None:
    alone = replace(profile, box=None)
    assert ways_of(alone) == (Way.KLOUDLESS,)
    managed = person(sandbox, clients, profile, "managed")
    with context_for(alone, clients) as context:
        (account,) = admin_accounts(context.kloudless)
        listed = [
            team_person(raw, account.id)
            for page in context.kloudless.team_users(account.id)
            for raw in page.objects
        ]
    who = next(one for one in listed if one.login == managed.login)
    (found,) = tried(alone, clients, who, Caller()).values()
    assert found.worked
    assert (found.user_id, found.login) == (managed.id, managed.login)
    assert found.matched == Match.CHOSEN
    assert found.account == account.name


def test_people_are_matched_by_what_kloudless_tells_and_by_login_last() -> None:
    """Appliances differ: some convert IDs, some list them, some know the login only."""
    team = {"id": "t7", "email": "Ada@acme.example", "role": "user"}
    ada = Person("7", "ada@acme.example")

    def match(team_user: dict[str, Any], *, converts: bool = False) -> Match | None:
        with httpx.Client(
            transport=httpx.MockTransport(appliance(team_user, converts=converts))
        ) as http:
            client = KloudlessClient(http, "https://k.example/v1", "app", api_key=Secret("k"))
            found = found_in_team(client, ada)
            return found.match if found else None

    assert match({**team, "raw_id": "7"}, converts=True) is Match.CONVERTED
    assert match({**team, "raw_id": "7"}) is Match.RAW_ID
    assert match({**team, "raw": {"id": "7"}}) is Match.RAW_ID
    assert match(team) is Match.LOGIN
    # The same login under another Box ID is somebody else: logins are given away again.
    assert match({**team, "raw_id": "8"}) is None
    assert match({**team, "raw_id": "8"}, converts=True) is None


def appliance(
    team_user: dict[str, Any], *, converts: bool
) -> Callable[[httpx.Request], httpx.Response]:
    """A Kloudless with one admin account and one user, as far as the match asks it."""
    missing = {"status_code": 404, "error_code": "not_found", "message": "", "id": "x"}

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/accounts/"):
            account = {"id": 1, "service": "box", "admin": True, "account": "admin"}
            return httpx.Response(200, json={"objects": [account], "total": 1})
        if path.endswith("/team/users/"):
            return httpx.Response(200, json={"objects": [team_user], "next_page": None})
        if not converts:
            return httpx.Response(404, json=missing)
        return httpx.Response(200, json={"id": "t7"} if "encode" in path else team_user)

    return answer


def test_who_answered_is_unknown_where_kloudless_passes_nothing_through() -> None:
    who = Person("7", "ada@acme.example")
    silent = Attempt(Way.KLOUDLESS, items=3)
    assert "as which user is unknown" in " ".join(differences(who, [silent]))
    assert differences(who, [replace(silent, user_id="7")]) == ()


def test_a_root_with_more_than_was_counted_is_no_difference() -> None:
    who = Person("7", "ada@acme.example")
    many = Attempt(Way.AS_USER, user_id="7", items=1000, more=True)
    page = Attempt(Way.KLOUDLESS, user_id="7", items=100, more=True)
    assert differences(who, [many, page]) == ()
    assert differences(who, [many, replace(page, items=1200, more=False)]) == ()
    assert differences(who, [many, replace(page, items=40, more=False)])


def test_a_wrong_person_and_another_root_are_differences() -> None:
    who = Person("7", "ada@acme.example")
    found = [
        Attempt(Way.AS_USER, user_id="8", login="x", items=3),
        Attempt(Way.USER_TOKEN, user_id="7", login="y", items=5),
    ]
    wrong, root = differences(who, found)
    assert "user 8, not by 7" in wrong
    assert "Box, As-User header: 3" in root
