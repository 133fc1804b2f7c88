"""Rehearsals against a real sandbox: what is broken for one session is broken for nobody else."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from lib.app.background.checking import context_for
from lib.app.clients import Clients
from lib.app.practice.faults import HARDLY, TITLES, Group, PracticeFault
from lib.app.practice.practice import PracticeSessions
from lib.core.errors import RunbookError, Unreachable
from lib.core.redaction import Secret
from lib.runbook.checks.running import report
from lib.settings.profiles import Profile, ProfileKind, sandbox_profile
from tests.integration.runbook.test_check_faults import FAULTS, UNSEEN
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.wire_server import Reply, as_json, wire_server

Wrong = dict[str, tuple[str, str | None, str | None]]


@dataclass(frozen=True, slots=True)
class House:
    """An app's rehearsals over a sandbox, and the checks as the app runs them."""

    sandbox: SandboxServer
    practice: PracticeSessions
    clients: Clients

    def offer(self, name: str) -> PracticeFault:
        return next(one for one in self.practice.offers() if one.name == name)

    def wrong(self, profile: Profile) -> Wrong:
        """What the checks find wrong: by check, status, cause and who."""
        with context_for(profile, self.clients) as context:
            found = report(context).verdicts
        return {
            one.id: (one.status.value, one.cause, one.who.value if one.who else None)
            for one in found
            if one.status.value in ("failed", "warning")
        }

    def active(self) -> list[str]:
        return [one["name"] for one in self.sandbox.get("/sandbox/faults") if one["active"]]


@pytest.fixture
def house(sandbox: SandboxServer) -> Iterator[House]:
    practice = PracticeSessions(lambda: sandbox.url)
    clients = Clients((), lambda: sandbox.url)
    yield House(sandbox, practice, clients)
    practice.close()
    clients.close()


def secrets_of(profile: Profile) -> list[str]:
    halves = (profile.box, profile.kloudless)
    values = [getattr(half, name) for half in halves for name in (half.__slots__ if half else ())]
    return [value.reveal() for value in values if isinstance(value, Secret) and value]


def test_every_fault_of_the_sandbox_has_a_title_and_a_group(house: House) -> None:
    offers = house.practice.offers()
    assert {one.name for one in offers} == {*FAULTS, *UNSEEN}
    assert [one.name for one in offers if one.group is Group.OTHER] == []
    named = ("missing_scope_", "kloudless_")
    assert [o.name for o in offers if o.name not in TITLES and not o.name.startswith(named)] == []
    assert len({one.title for one in offers}) == len(offers)
    assert all(one.does.endswith(".") and "`" not in one.does for one in offers)
    # no title and no limit is left of a fault that is gone
    assert set(TITLES) | set(HARDLY) <= {one.name for one in offers}


def test_the_profile_is_the_sessions_and_hides_its_secrets(house: House) -> None:
    profile = house.practice.begin()
    assert profile.kind is ProfileKind.SESSION
    assert profile.key.startswith("session-")
    assert profile.label == "Sandbox, yours"
    assert profile.given_by_sandbox
    assert [secret for secret in secrets_of(profile) if secret in repr(profile)] == []
    assert len(secrets_of(profile)) >= 4
    shared = secrets_of(sandbox_profile(house.sandbox.credentials()))
    key_pair = {profile.box and profile.box.private_key, profile.box and profile.box.passphrase}
    same = {secret for secret in secrets_of(profile) if secret in shared}
    assert same == {secret.reveal() for secret in key_pair if secret}


LOOP = {
    "app_not_authorized": ("box.token.enterprise", "token.app_not_authorized", "box_admin"),
    "no_report_right": ("box.events.history", "events.no_report_right", "box_admin"),
    "person_inactive": ("box.identity", "box.person_inactive", "box_admin"),
    "kloudless_unauthorized": ("kloudless.api_key", "kloudless.unauthorized", "kloudless_admin"),
    "clock_fast": ("box.clock", "clock.slow", "you"),
    "slow": ("box.scope.manage_groups", "network.slow", "network"),
    "server_error_500": ("box.token.enterprise", "box.internal_error", "box_support"),
}


@pytest.mark.parametrize("name", LOOP)
def test_broken_named_and_mended(house: House, name: str) -> None:
    profile = house.practice.begin()
    whole = house.wrong(profile)
    check, cause, who = LOOP[name]
    house.practice.switch_on(profile.key, house.offer(name))
    found = house.wrong(profile)
    assert found[check][1:] == (cause, who)
    assert house.practice.active(profile.key) == house.offer(name)
    house.practice.switch_off(profile.key)
    assert house.practice.active(profile.key) is None
    assert house.wrong(profile) == whole
    assert house.active() == []


def test_a_fault_of_both_sides_reaches_both(house: House) -> None:
    profile = house.practice.begin()
    house.practice.switch_on(profile.key, house.offer("html_answer"))
    found = house.wrong(profile)
    assert found["box.token.enterprise"][1] == "network.malformed"
    assert found["kloudless.api_key"][1] == "network.malformed"


def test_no_check_notices_what_is_said_to_be_hardly_noticeable(house: House) -> None:
    # The public catalogue isn't asked in anybody's name: held to one visitor it shows nothing.
    assert set(HARDLY) == {*UNSEEN, "kloudless_no_box_connector"}
    profile = house.practice.begin()
    whole = house.wrong(profile)
    for name in HARDLY:
        house.practice.switch_on(profile.key, house.offer(name))
        assert house.wrong(profile) == whole, name


def test_two_visitors_at_once_never_meet_and_the_shared_sandbox_stays_whole(house: House) -> None:
    ada, ben = house.practice.begin(), house.practice.begin()
    shared = sandbox_profile(house.sandbox.credentials())
    whole = house.wrong(ben)
    assert house.wrong(shared) == whole
    house.practice.switch_on(ada.key, house.offer("app_not_authorized"))
    house.practice.switch_on(ben.key, house.offer("kloudless_unauthorized"))
    assert "box.token.enterprise" in house.wrong(ada)
    assert "kloudless.api_key" not in house.wrong(ada)
    assert "box.token.enterprise" not in house.wrong(ben)
    assert "kloudless.api_key" in house.wrong(ben)
    assert house.wrong(shared) == whole
    house.practice.switch_off(ada.key)
    assert house.wrong(ada) == whole
    assert "kloudless.api_key" in house.wrong(ben)


def test_breaking_something_else_mends_what_was_broken(house: House) -> None:
    profile = house.practice.begin()
    house.practice.switch_on(profile.key, house.offer("app_not_authorized"))
    house.practice.switch_on(profile.key, house.offer("kloudless_unauthorized"))
    assert house.active() == ["kloudless_unauthorized"]


def test_what_is_forgotten_is_given_back_with_its_fault(house: House) -> None:
    profile, other = house.practice.begin(), house.practice.begin()
    house.practice.switch_on(profile.key, house.offer("rate_limit"))
    house.practice.switch_on(other.key, house.offer("terms_of_service"))
    house.practice.forget(profile.key)
    house.practice.forget(profile.key)  # a second time is nothing
    assert house.active() == ["terms_of_service"]
    assert len(house.practice) == 1
    assert profile.box is not None
    gone = httpx.get(f"{house.sandbox.url}/sandbox/visitors/{profile.box.client_id}")
    assert gone.status_code == 404
    assert house.wrong(profile)["box.token.enterprise"][1] == "token.bad_client"


def test_closing_gives_all_back(house: House) -> None:
    profile = house.practice.begin()
    house.practice.switch_on(profile.key, house.offer("rate_limit"))
    house.practice.close()
    assert house.active() == []
    assert len(house.practice) == 0


def test_an_unknown_fault_is_refused_and_leaves_nothing_broken(house: House) -> None:
    profile = house.practice.begin()
    made_up = PracticeFault("volcano", "Volcano", "Erupts.", house.offer("slow").area, Group.OTHER)
    with pytest.raises(RunbookError, match="can't inject this fault") as caught:
        house.practice.switch_on(profile.key, made_up)
    assert "volcano" in caught.value.cause
    assert caught.value.fix
    assert house.practice.active(profile.key) is None
    assert house.active() == []


def test_a_strange_key_breaks_nothing(house: House) -> None:
    with pytest.raises(RunbookError, match="no longer knows these apps"):
        house.practice.switch_on("session-of-nobody", house.offer("slow"))
    assert house.active() == []
    assert house.practice.active("session-of-nobody") is None


def test_a_sandbox_that_was_started_anew_is_told_apart_from_a_fault() -> None:
    urls: list[str] = []
    practice = PracticeSessions(lambda: urls[-1])
    with running_sandbox("--days", "2", "--users", "12") as first:
        urls.append(first.url)
        profile = practice.begin()
        offer = next(one for one in practice.offers() if one.name == "token_client")
        practice.switch_on(profile.key, offer)
    with pytest.raises(Unreachable, match="doesn't answer") as caught:
        practice.switch_off(profile.key)
    assert "restart the app" in caught.value.fix
    with running_sandbox("--days", "2", "--users", "12") as second:
        urls.append(second.url)
        for act in (practice.switch_off, lambda key: practice.switch_on(key, offer)):
            with pytest.raises(RunbookError, match="no longer knows these apps") as reported:
                act(profile.key)
            assert "Leave" in reported.value.fix
    practice.forget(profile.key)  # nobody is there: no error, and nothing is left
    assert len(practice) == 0
    practice.close()


def test_without_a_sandbox_the_error_says_so() -> None:
    practice = PracticeSessions(lambda: None)
    with pytest.raises(Unreachable, match="doesn't answer"):
        practice.begin()
    with pytest.raises(Unreachable):
        practice.offers()


@pytest.mark.parametrize(
    "reply",
    [
        as_json({"box": {}}, 201),
        as_json([], 201),
        as_json({"ok": False}, 404),
        Reply(201, b"<html>"),
        as_json({"error": ["?"]}, 500),
    ],
    ids=["half", "list", "missing", "html", "fault"],
)
def test_an_answer_that_is_not_the_sandboxs_is_an_error_with_a_fix(reply: Reply) -> None:
    with wire_server() as wire:
        practice = PracticeSessions(lambda: wire.url)
        wire.answer = lambda _seen: reply
        for act in (practice.begin, practice.offers):
            with pytest.raises(RunbookError) as caught:
                act()
            assert caught.value.fix
        assert len(practice) == 0
        practice.close()


def test_no_secret_and_no_id_is_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "lib")
    profile = house.practice.begin()
    house.practice.switch_on(profile.key, house.offer("token_client"))
    house.wrong(profile)
    house.practice.forget(profile.key)
    found = [secret for secret in secrets_of(profile) if secret in caplog.text]
    assert found == []
    assert profile.key not in caplog.text
