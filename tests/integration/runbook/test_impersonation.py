"""Acting for a user in every way: proved side by side on the sandbox, and what bars it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lib.profiles import BoxAuth, Profile, sandbox_profile
from lib.redaction import Secret
from lib.runbook.impersonation import Attempt, Person, Way, barred, compare, differences, person_of
from lib.server.checking import kit_for
from lib.server.clients import Clients
from tests.sandbox_server import SandboxServer

FIELDS = ("id", "login", "role", "status", "is_platform_access_only")
SERVICE: dict[str, Any] = {"role": "user"}


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


def tried(profile: Profile, clients: Clients, who: Person, me: Any = SERVICE) -> dict[Way, Attempt]:
    with kit_for(profile, clients) as kit:
        return {one.way: one for one in compare(kit, who, me)}


def test_a_managed_user_is_the_same_in_every_way(
    sandbox: SandboxServer, clients: Clients, profile: Profile
) -> None:
    who = person(sandbox, clients, profile, "managed")
    start = len(sandbox.get("/sandbox/log"))
    found = tried(profile, clients, who)
    assert all(one.worked for one in found.values())
    assert {one.user_id for one in found.values()} == {who.id, ""}
    assert {one.login for one in found.values()} == {who.login}
    assert len({one.items for one in found.values()}) == 1
    assert differences(who, list(found.values())) == ()
    assert all(one.request_ids for way, one in found.items() if way is not Way.KLOUDLESS)
    served = sandbox.get("/sandbox/log")[start:]
    writes = [one for one in served if one["method"] not in ("GET", "OPTIONS")]
    assert {one["path"] for one in writes} <= {"/oauth2/token"}


@pytest.mark.parametrize(
    "fault,way,cause",
    [
        ("as_user_off", Way.AS_USER, "as_user.switch_off"),
        ("user_tokens_off", Way.USER_TOKEN, "token.user_token_refused"),
        ("upstream_expired", Way.KLOUDLESS, "kloudless.service_unauthorized"),
    ],
)
def test_a_way_that_is_refused_is_told_with_its_cause_and_the_others_still_work(
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
    told = " ".join(differences(who, list(found.values())))
    assert way.value in told
    assert "can be acted for" in told


def test_an_external_user_is_not_called_for_at_all(
    sandbox: SandboxServer, clients: Clients, profile: Profile
) -> None:
    who = Person("1", "guest@elsewhere.example", foreign=True)
    start = len(sandbox.get("/sandbox/log"))
    found = tried(profile, clients, who)
    assert all("external user" in one.skipped for one in found.values())
    assert [one["path"] for one in sandbox.get("/sandbox/log")[start:]] == ["/sandbox/log"]


def test_a_co_admin_cannot_act_as_another_one() -> None:
    other = Person("1", "co@acme.example", role="coadmin", status="active")
    assert "co-admin" in barred(other, {"role": "coadmin"})
    assert barred(other, {"role": "admin"}) == ""
    assert barred(replace(other, status="inactive"), {"role": "admin"}) == "Is active."
    assert "service account" in barred(Person("1", "x", service=True), {"role": "user"})


def test_a_person_who_signed_in_has_no_tokens_for_others(
    sandbox: SandboxServer, clients: Clients, profile: Profile
) -> None:
    assert profile.box is not None
    token = sandbox.credentials()["box"]["developer_token"]
    box = replace(profile.box, auth=BoxAuth.DEVELOPER_TOKEN, developer_token=Secret(token))
    signed_in = replace(profile, box=box, kloudless=None)
    who = person(sandbox, clients, profile, "managed")
    found = tried(signed_in, clients, who, {"role": "admin"})
    assert "Only JWT" in found[Way.USER_TOKEN].skipped
    assert "no Kloudless half" in found[Way.KLOUDLESS].skipped
    assert found[Way.AS_USER].skipped == ""


def test_somebody_whom_kloudless_does_not_know_is_told_so(
    sandbox: SandboxServer, clients: Clients, profile: Profile
) -> None:
    who = replace(person(sandbox, clients, profile, "managed"), login="nobody@acme.example")
    found = tried(replace(profile, box=None), clients, who)
    assert "nobody with this login" in found[Way.KLOUDLESS].skipped
    assert "no Box half" in found[Way.AS_USER].skipped


def test_a_wrong_person_and_another_root_are_differences() -> None:
    who = Person("7", "ada@acme.example")
    found = [
        Attempt(Way.AS_USER, user_id="8", login="x", items=3),
        Attempt(Way.USER_TOKEN, user_id="7", login="y", items=5),
    ]
    wrong, root = differences(who, found)
    assert "user 8, not by 7" in wrong
    assert "Box, As-User header: 3" in root
