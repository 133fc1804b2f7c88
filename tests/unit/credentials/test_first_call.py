"""What the outcome of a call says, for every way in which a call can end."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lib.box.tokens.auth import TokenInMemory
from lib.core.errors import Who
from lib.core.redaction import Secret
from lib.credentials.calls import Line, enterprise_prover, try_box, try_kloudless
from lib.credentials.enterprises import Standing, ask, hand_over, parse_ids, turn_words
from lib.credentials.first_call import box_facts
from lib.http import Egress, Journal, Policy, RetryPolicy, build_client
from lib.settings.profiles import BoxAuth, BoxCredentials, Profile, sandbox_profile
from tests.sandbox_server import SandboxServer

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


@pytest.fixture
def line(profile: Profile, sandbox: SandboxServer) -> Iterator[Line]:
    journal = Journal()
    egress = Egress.for_profile(profile, sandbox_url=sandbox.url)
    policy = Policy(retry=RetryPolicy(attempts=1), budget=None)
    with build_client(egress, journal, policy=policy) as http:
        yield Line(http, journal)


def box_of(profile: Profile) -> BoxCredentials:
    assert profile.box is not None
    return profile.box


def test_a_good_try_tells_who_we_are_and_shows_its_two_calls(line: Line, profile: Profile) -> None:
    outcome = try_box(line, box_of(profile))
    facts = {fact.label: fact.value for fact in outcome.facts}
    assert outcome.ok
    assert facts["Kind"] == "Service account of the app"
    assert box_of(profile).enterprise_id in facts["Enterprise"]
    assert [call.path for call in outcome.calls] == ["/oauth2/token", "/2.0/users/me"]
    assert outcome.skew_s is not None


@pytest.mark.parametrize(
    "fault, who",
    [
        ("app_not_authorized", Who.BOX_ADMIN),
        ("token_grant_type", Who.DEVELOPER),
        ("token_sub", Who.YOU),
    ],
)
def test_a_refusal_keeps_boxs_words_ids_and_whose_turn_it_is(
    line: Line, profile: Profile, sandbox: SandboxServer, fault: str, who: Who
) -> None:
    with sandbox.fault(fault):
        outcome = try_box(line, box_of(profile))
    assert not outcome.ok
    assert outcome.fault is not None
    assert outcome.fault.who == who
    assert outcome.fault.said
    assert outcome.fault.request_ids
    assert outcome.fault.fix


def test_a_host_that_does_not_answer_is_no_refusal(line: Line, profile: Profile) -> None:
    dead = replace(box_of(profile), api_url="http://127.0.0.1:1")
    outcome = try_box(line, dead)
    assert outcome.fault is not None
    assert outcome.fault.status is None
    assert "not reached" in outcome.title


def test_an_enterprise_other_than_the_configured_one_asks_for_attention() -> None:
    me = {"id": "1", "name": "A", "login": "a@b.c", "enterprise": {"id": "9", "name": "Other"}}
    facts = {
        f.label: f for f in box_facts(me, BoxCredentials(enterprise_id="7"), token_ends_at=NOW)
    }
    assert "isn't the enterprise" in facts["Enterprise"].warning


def test_a_free_account_asks_for_attention() -> None:
    me = {"id": "1", "name": "A", "login": "a@b.c", "role": "user", "enterprise": None}
    token = BoxCredentials(auth=BoxAuth.DEVELOPER_TOKEN, developer_token=Secret("x"))
    facts = {f.label: f for f in box_facts(me, token, token_ends_at=None)}
    assert facts["Enterprise"].warning
    assert "60 minutes" in facts["Token"].value


def test_kloudless_is_tried_with_one_account(line: Line, profile: Profile) -> None:
    assert profile.kloudless is not None
    outcome = try_kloudless(line, profile.kloudless)
    assert outcome.ok
    assert len(outcome.calls) == 1
    wrong = try_kloudless(line, replace(profile.kloudless, api_key=Secret("canary-55")))
    assert wrong.fault is not None
    assert "canary-55" not in repr(wrong)


def test_enterprises_are_told_apart_by_what_box_answers(
    line: Line, profile: Profile, sandbox: SandboxServer
) -> None:
    box = box_of(profile)
    seen: list[tuple[int, int]] = []
    rows = ask(
        (box.enterprise_id, "12345"),
        enterprise_prover(line, box),
        now=lambda: NOW,
        on_progress=lambda done, every: seen.append((done, every)),
    )
    assert [row.standing for row in rows] == [Standing.AUTHORIZED, Standing.REFUSED]
    assert rows[0].name
    assert rows[1].turn
    assert "sub" in rows[1].said
    assert seen == [(1, 2), (2, 2)]
    with sandbox.fault("app_not_authorized"):
        (waiting,) = ask((box.enterprise_id,), enterprise_prover(line, box), now=lambda: NOW)
    assert waiting.turn == turn_words(Who.BOX_ADMIN)


def test_a_typed_list_of_enterprises_is_read_generously() -> None:
    good, bad = parse_ids(" 1, 2;3\n2 x 0 ")
    assert good == ("1", "2", "3")
    assert bad == ("x", "0")
    assert parse_ids("") == ((), ())


def test_the_hand_over_names_the_app_and_the_way() -> None:
    text = hand_over("abc", "7")
    assert "Client ID: abc" in text
    assert re.search(r"Server Authentication Apps", text)


def test_a_refresh_token_is_taken_from_its_place_and_the_next_one_left_there(
    line: Line, profile: Profile, sandbox: SandboxServer
) -> None:
    place = TokenInMemory(Secret("not a refresh token"))
    oauth = sandbox.credentials()["box"]["oauth"]
    box = replace(
        box_of(profile),
        auth=BoxAuth.OAUTH,
        client_id=oauth["client_id"],
        client_secret=Secret(oauth["client_secret"]),
        refresh_token=place.current,
    )
    outcome = try_box(line, box, refresh_tokens=place)
    assert outcome.fault is not None
    assert "refresh token" in outcome.fault.said.lower()
