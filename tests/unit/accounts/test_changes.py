"""Changes of accounts: what is sent, what counts as done, and what must be typed to delete."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.accounts.changes import (
    AccountBatch,
    Action,
    Change,
    apply,
    as_asked,
    audit_outcome,
    bring_in,
    is_confirmed,
    switching,
    together_to_type,
    what_to_type,
    work_through,
)
from lib.accounts.rows import AccountRow, account_row
from lib.core.errors import Who
from lib.core.redaction import Secret
from lib.http import Egress, Journal, Policy, Waiting, build_client
from lib.kloudless import KloudlessClient
from lib.kloudless.account_import import ImportOrder
from tests.wire_server import CUT, Reply, WireServer, as_json, wire_server

ROW = account_row({"id": 7, "account": "ada@example.com", "service": "box", "enabled": True})
OLDER = account_row({"id": 8, "account": "bob@example.com", "service": "box", "active": True})


@pytest.fixture
def server() -> Iterator[WireServer]:
    with wire_server() as running:
        yield running


@pytest.fixture
def client(server: WireServer) -> Iterator[KloudlessClient]:
    egress = Egress(origins=frozenset({("127.0.0.1", server.port)}))
    waiting = Waiting(sleep=lambda _: None, jitter=lambda low, _high: low)
    with build_client(egress, Journal(), policy=Policy(waiting=waiting, budget=None)) as http:
        yield KloudlessClient(http, f"{server.url}/v1", "app", api_key=Secret("canary-key"))


def refusal(status: int, code: str) -> Reply:
    return as_json(
        {"status_code": status, "error_code": code, "message": "No.", "id": "r-1"}, status
    )


@pytest.mark.parametrize("row, name", [(ROW, "enabled"), (OLDER, "active")])
def test_an_account_is_switched_by_the_word_that_its_kloudless_knows(
    server: WireServer, client: KloudlessClient, row: AccountRow, name: str
) -> None:
    server.answer = lambda seen: as_json({"id": row.id, **seen.json})
    outcome = apply(client, row, switching(row, on=False))
    assert server.requests[0].json == {name: False}
    assert server.requests[0].method == "PATCH"
    assert outcome.title == f"Disabled: {row.account}"
    assert as_asked(outcome)
    assert [call.status for call in outcome.calls] == [200]
    assert audit_outcome(outcome) == ("ok", None)


@pytest.mark.parametrize(
    "change, reported",
    [
        (switching(ROW, on=False), {"enabled": True}),
        (Change(Action.RENAME, {"account": "new"}), {"account": "ada@example.com"}),
    ],
)
def test_an_answer_that_tells_otherwise_is_no_success(
    server: WireServer, client: KloudlessClient, change: Change, reported: dict[str, Any]
) -> None:
    server.answer = lambda _: as_json({"id": 7, **reported})
    outcome = apply(client, ROW, change)
    assert outcome.ok
    assert not as_asked(outcome)
    assert "isn't what you requested" in outcome.facts[0].warning
    assert audit_outcome(outcome)[0] == "unclear"


def test_a_refusal_is_reported_with_cause_person_and_request(
    server: WireServer, client: KloudlessClient
) -> None:
    server.answer = lambda _: refusal(403, "forbidden")
    outcome = apply(client, ROW, switching(ROW, on=True))
    assert outcome.fault is not None
    assert outcome.title == "Not enabled: ada@example.com"
    assert outcome.fault.who is Who.KLOUDLESS_ADMIN
    assert outcome.fault.request_ids == ("r-1",)
    assert audit_outcome(outcome) == ("refused", "403 forbidden")


def test_no_answer_is_reported_as_none(server: WireServer, client: KloudlessClient) -> None:
    server.answer = lambda _: CUT
    outcome = apply(client, ROW, Change(Action.DELETE))
    assert outcome.fault is not None
    assert audit_outcome(outcome) == ("refused", "no answer")
    assert len(server.requests) == 1  # a change is never repeated blindly


def test_an_account_that_is_gone_needs_no_deleting(
    server: WireServer, client: KloudlessClient
) -> None:
    server.queue = [Reply(204, b""), refusal(404, "not_found")]
    assert apply(client, ROW, Change(Action.DELETE)).title == "Deleted: ada@example.com"
    assert apply(client, ROW, Change(Action.DELETE)).title == "Was already gone: ada@example.com"


def test_new_tokens_are_sent_and_not_called_proved(
    server: WireServer, client: KloudlessClient
) -> None:
    server.answer = lambda _: as_json({"id": 7})
    outcome = apply(client, ROW, Change(Action.TOKENS, {"token": Secret("canary-token")}))
    assert server.requests[0].json == {"token": "canary-token"}
    facts = {fact.label: fact.value for fact in outcome.facts}
    assert facts["Sent"] == "token"
    assert facts["Verified"].startswith("No.")
    assert "canary" not in repr(outcome)


@pytest.mark.parametrize(
    "reported, warned, again",
    [
        ({"admin": True, "created": "2026-11-01T12:00:00Z"}, "", False),
        ({"admin": False, "created": "2026-11-01T12:00:00Z"}, "You asked for", False),
        ({"admin": True, "created": "2023-05-08T00:00:00Z"}, "", True),
        ({"admin": True}, "", False),
    ],
)
def test_an_import_tells_what_kloudless_made_of_it(
    server: WireServer,
    client: KloudlessClient,
    reported: dict[str, Any],
    warned: str,
    again: bool,  # noqa: FBT001  # a case
) -> None:
    server.answer = lambda _: as_json(
        {"id": 9, "modified": "2026-11-01T12:00:00Z", **reported}, 201
    )
    order = ImportOrder(account="Example", organisation=True)
    outcome, row = bring_in(client, order)
    facts = {fact.label: fact for fact in outcome.facts}
    assert row is not None
    assert row.id == "9"
    assert facts["Rights"].warning.startswith(warned)
    assert bool(facts["Rights"].warning) is bool(warned)
    assert ("existed before" in facts["Created"].value) is again


def test_a_refused_import_gives_no_account(server: WireServer, client: KloudlessClient) -> None:
    server.answer = lambda _: refusal(400, "request_failed")
    outcome, row = bring_in(client, ImportOrder(account="Example"))
    assert row is None
    assert outcome.fault is not None
    assert outcome.title == "Not imported: Example"


# -- the typed confirmation ------------------------------------------------------------------


def named(name: str) -> AccountRow:
    return replace(ROW, account=name)


def test_the_name_is_typed_and_nothing_like_it_will_do() -> None:
    requested = what_to_type(ROW)
    assert requested == "ada@example.com"
    assert is_confirmed(requested, "  ada@example.com ")
    assert is_confirmed("Zoe\u0301", "Zo\u00e9")
    for typed in ("", "ada", "Ada@example.com", "ada@example.com.", "7"):
        assert not is_confirmed(requested, typed)
    assert not is_confirmed("", "")


@pytest.mark.parametrize("name", ["", "   ", "a\u202egnp.exe", "x\u200b", "x" * 101, "a\x07b"])
def test_a_name_that_nobody_can_type_is_replaced_by_the_id(name: str) -> None:
    assert what_to_type(named(name)) == "7"


@given(st.text(max_size=120))
def test_what_must_be_typed_can_be_typed_and_is_accepted(name: str) -> None:
    requested = what_to_type(named(name))
    assert requested
    assert requested.isprintable()
    assert is_confirmed(requested, requested)


# -- several at once -------------------------------------------------------------------------


def test_a_batch_tells_each_account_by_itself_and_goes_on_after_a_refusal(
    server: WireServer, client: KloudlessClient
) -> None:
    rows = tuple(replace(ROW, id=str(number), account=f"a{number}") for number in (1, 2, 3))
    off = replace(ROW, id="4", enabled=False)
    server.queue = [
        as_json({"enabled": False}),
        refusal(403, "forbidden"),
        as_json({"active": False}),
    ]
    batch = AccountBatch(Action.DISABLE, (*rows, off), "acme")
    assert batch.words == "4 remaining"
    list(work_through(batch, client))
    assert [seen.path for seen in server.requests] == [f"/v1/accounts/{n}/" for n in (1, 2, 3)]
    assert batch.words == "3 disabled · 1 refused"
    assert batch.outcomes["4"].title == "Already disabled"
    assert batch.outcomes["2"].fault is not None


def test_a_batch_that_was_left_goes_on_where_it_was(
    server: WireServer, client: KloudlessClient
) -> None:
    rows = tuple(replace(ROW, id=str(number)) for number in (1, 2, 3))
    server.answer = lambda _: Reply(204, b"")
    batch = AccountBatch(Action.DELETE, rows, "acme")
    next(work_through(batch, client))
    assert batch.words == "1 deleted · 2 remaining"
    assert together_to_type(batch.left) == "delete 2 accounts"
    list(work_through(batch, client))
    assert [seen.path for seen in server.requests] == [f"/v1/accounts/{n}/" for n in (1, 2, 3)]
    assert not batch.left


def test_the_clock_of_an_outcome_is_when_it_began(
    server: WireServer, client: KloudlessClient
) -> None:
    server.answer = lambda _: as_json({"enabled": False})
    at, ticks = datetime(2026, 11, 1, tzinfo=UTC), iter([10.0, 10.25])
    change = switching(ROW, on=False)
    outcome = apply(client, ROW, change, now=lambda: at, monotonic=lambda: next(ticks))
    assert (outcome.at, outcome.ms) == (at, 250.0)
