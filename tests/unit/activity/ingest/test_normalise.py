import json
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.activity.ingest.drain import table
from lib.activity.ingest.event_row import NO_TIME, NO_TYPE, Context
from lib.activity.ingest.json_values import microseconds
from lib.activity.ingest.normalise import NOT_OBJECT, NOT_PAGE, normalise
from lib.activity.model.directory import Directory
from lib.activity.model.event import COLUMNS, category_of, describe_type
from lib.activity.model.source import Source
from lib.store.ledger.inbox import EntryKind
from lib.store.ledger.records import KnownPerson
from tests.unit.activity.samples import NOW, box_event, box_page

FULL_FILE = {"type": "file", "id": "9", "name": "a.txt", "size": 7, "owned_by": {"id": "3"},
             "parent": {"type": "folder", "id": "0", "name": "All Files"}}  # fmt: skip


def context(source: str = "box_stream", **changes: Any) -> Context:
    return Context("acme", source, NOW, **changes)


def row_of(event: Any, source: str = "box_stream", **changes: Any) -> dict[str, Any]:
    result = normalise(EntryKind.PAGE, box_page([event]), context(source, **changes))
    assert result.refused == []
    return dict(zip(COLUMNS, result.rows[0], strict=True))


def test_a_download_fills_the_columns_of_the_design() -> None:
    event = box_event(action_by={"type": "user", "id": "99"}, session_id="s1")
    row = row_of(event, stream="admin_logs", enterprise_id="77")
    assert json.loads(row.pop("raw")) == event
    assert row == {
        "event_id": event["event_id"],
        "source": "box_stream",
        "profile": "acme",
        "stream": "admin_logs",
        "enterprise_id": "77",
        "account_id": None,
        "occurred_at": microseconds(NOW.isoformat()),
        "received_at": microseconds(NOW.isoformat()),
        "event_type": "DOWNLOAD",
        "category": "content",
        "actor_id": "11",
        "actor_login": "ada@acme.test",
        "actor_name": "Ada Analyst",
        "actor_kind": "unknown",
        "action_by_id": "99",
        "item_type": "file",
        "item_id": "73835521473",
        "item_name": "Q1.pdf",
        "parent_id": "1001",
        "parent_name": "Finance",
        "owner_id": "12",
        "owner_login": "olu@acme.test",
        "target_id": None,
        "target_login": None,
        "ip": "203.0.113.7",
        "session_id": "s1",
        "service_id": "54321",
        "service_name": "Audit App",
        "size_bytes": 1024,
        "normaliser": 2,
    }


@pytest.mark.parametrize(
    "source, expected",
    [
        (
            {
                "folder_id": "5",
                "folder_name": "F",
                "user_id": "8",
                "user_name": "Eve",
                "parent": None,
            },
            ("folder", "5", "F", "8"),
        ),
        ({"file_id": "6", "file_name": "f.txt", "user_id": 8}, ("file", "6", "f.txt", "8")),
        ({"type": "user", "id": "8", "name": "Eve", "login": "e@x"}, (None, None, None, "8")),
        ({"type": "user", "id": "11", "name": "Ada"}, (None, None, None, None)),
        ({"group_id": "4", "group_name": "G"}, (None, None, None, "4")),
        ({"id": "3", "type": "app_item", "app_item_type": "x"}, ("app_item", "3", None, None)),
        ({"barrier_id": "b", "barrier_status": "on"}, ("barrier", "b", None, None)),
        (FULL_FILE, ("file", "9", "a.txt", None)),
        (None, (None, None, None, None)),
        ([], (None, None, None, None)),
        ("odd", (None, None, None, None)),
        ({"surprise": 1}, (None, None, None, None)),
    ],
)
def test_a_source_is_reported_by_its_keys(source: Any, expected: tuple[str | None, ...]) -> None:
    row = row_of(box_event(source=source))
    assert tuple(row[n] for n in ("item_type", "item_id", "item_name", "target_id")) == expected


def test_the_collaborator_of_accessible_by_is_the_target() -> None:
    row = row_of(box_event(accessible_by={"type": "user", "id": "8", "login": "eve@x.test"}))
    assert (row["target_id"], row["target_login"]) == ("8", "eve@x.test")


def test_an_event_of_a_user_stream_brings_the_full_item() -> None:
    event = box_event(source=FULL_FILE, additional_details=None)
    row = row_of(event, "box_user_stream", stream="all")
    assert (row["item_id"], row["size_bytes"], row["owner_id"]) == ("9", 7, "3")


def test_ids_sent_as_numbers_become_text() -> None:
    event = box_event(created_by={"id": 1152922976252290886}, event_id=5)
    row = row_of(event)
    assert (row["actor_id"], row["event_id"]) == ("1152922976252290886", "5")


def test_unknown_types_pass_and_are_of_category_other() -> None:
    row = row_of(box_event(event_type="BRAND_NEW_THING", future_field={"a": 1}))
    assert (row["event_type"], row["category"]) == ("BRAND_NEW_THING", "other")
    assert "future_field" in row["raw"]


def test_hostile_names_pass_through_as_data() -> None:
    name = '=HYPERLINK("x")<script>\'; DROP TABLE events;--\u202e\x00\n'
    source = {"item_type": "file", "item_id": "1", "item_name": name}
    assert row_of(box_event(source=source))["item_name"] == name


def test_lone_surrogates_can_be_stored_and_raw_keeps_them() -> None:
    body = box_page([box_event()]).replace(b"Q1.pdf", b"Q\\ud800.pdf")
    result = normalise(EntryKind.PAGE, body, context())
    row = dict(zip(COLUMNS, result.rows[0], strict=True))
    assert row["item_name"] == "Q\ufffd.pdf"
    assert "\\ud800" in row["raw"]
    table(result.rows)


@pytest.mark.parametrize(
    "event, reason",
    [
        (box_event(created_at=None), NO_TIME),
        (box_event(created_at=5), NO_TIME),
        (box_event(event_type=None), NO_TYPE),
        (box_event(event_type=[]), NO_TYPE),
        (None, NOT_OBJECT),
        ([1], NOT_OBJECT),
        ("x", NOT_OBJECT),
    ],
)
def test_a_row_that_cannot_be_an_event_is_refused_alone(event: Any, reason: str) -> None:
    result = normalise(EntryKind.PAGE, box_page([box_event(1), event, box_event(2)]), context())
    assert len(result.rows) == 2
    assert [r.reason for r in result.refused] == [reason]
    assert json.loads(result.refused[0].raw) == event


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"entries":5}', b"null", b"3"])
def test_what_is_no_page_is_refused_whole(body: bytes) -> None:
    result = normalise(EntryKind.PAGE, body, context())
    assert [(r.reason, r.raw) for r in result.refused] == [(NOT_PAGE, body)]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=[]), max_size=8),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(["id", "type", "login", "item_id", "user_id", "size", "owned_by"]),
        inner,
        max_size=4,
    ),
    max_leaves=10,
)  # fmt: skip
FIELDS = st.sampled_from(
    ["event_id", "event_type", "created_at", "created_by", "source", "additional_details",
     "ip_address", "action_by", "accessible_by", "session_id", "trigger", "id", "metadata",
     "modified", "type", "account", "user_id"]
)  # fmt: skip
KINDS = st.sampled_from(
    [
        (EntryKind.PAGE, "box_stream"),
        (EntryKind.PAGE, "box_user_stream"),
        (EntryKind.PAGE, "kloudless"),
        (EntryKind.DELIVERY, "box_webhook"),
        (EntryKind.EVENTS, "import"),
        (EntryKind.ROWS, "import"),
    ]
)


@given(st.dictionaries(FIELDS, ODD), KINDS)
def test_whatever_is_sent_becomes_a_storable_row_or_a_refusal(
    changes: dict[str, Any], kind: tuple[EntryKind, str]
) -> None:
    event = box_event(trigger="FILE.UPLOADED", id="d1", type="add", modified=NOW.isoformat())
    event |= changes
    body = json.dumps({"entries": [event]} if kind[0] is EntryKind.PAGE else event).encode()
    result = normalise(kind[0], body, context(kind[1]))
    assert len(result.rows) + len(result.refused) == 1
    stored = table(result.rows)
    for name in COLUMNS:
        assert "" not in stored.column(name).to_pylist()


@given(st.binary(), KINDS)
def test_any_bytes_end_in_rows_or_refusals(body: bytes, kind: tuple[EntryKind, str]) -> None:
    table(normalise(kind[0], body, context(kind[1])).rows)


@given(st.dictionaries(FIELDS, ODD), KINDS)
def test_normalising_twice_gives_the_same_identity(
    changes: dict[str, Any], kind: tuple[EntryKind, str]
) -> None:
    event = box_event(modified=NOW.isoformat(), trigger="T") | changes
    body = json.dumps({"entries": [event]} if kind[0] is EntryKind.PAGE else event).encode()
    later = Context("acme", kind[1], NOW + timedelta(days=1))
    first = normalise(kind[0], body, context(kind[1])).rows
    second = normalise(kind[0], body, later).rows
    assert [row[0] for row in first] == [row[0] for row in second]


def test_a_delivery_becomes_an_event_under_its_body_id() -> None:
    body = orjson.dumps(
        {
            "type": "webhook_event",
            "id": "0e1f",
            "created_at": NOW.isoformat(),
            "trigger": "FILE.UPLOADED",
            "webhook": {"id": "4165", "type": "webhook"},
            "created_by": {"type": "user", "id": "11", "name": "Ada", "login": "ada@acme.test"},
            "source": FULL_FILE,
            "additional_info": [],
        }
    )
    result = normalise(EntryKind.DELIVERY, body, context("box_webhook"))
    row = dict(zip(COLUMNS, result.rows[0], strict=True))
    assert (row["event_id"], row["event_type"], row["category"]) == (
        "0e1f",
        "FILE.UPLOADED",
        "content",
    )
    assert (row["item_id"], row["size_bytes"], row["actor_id"]) == ("9", 7, "11")


@pytest.mark.parametrize(
    "trigger, source, item, target, category",
    [
        ("COMMENT.CREATED", {"id": "c", "type": "comment", "item": {"id": "9", "type": "file"}},
         ("file", "9"), None, "comment"),
        ("COLLABORATION.CREATED", {"id": "k", "type": "collaboration",
         "item": {"id": "5", "type": "folder"}, "accessible_by": {"id": "8", "login": "e@x"}},
         ("folder", "5"), "8", "collaboration"),
        ("FILE.TRASHED", {"id": "9", "type": "file"}, ("file", "9"), None, "content"),
        ("WEBHOOK.DELETED", None, (None, None), None, "app"),
        ("NO_ACTIVE_SESSION", {}, (None, None), None, "other"),
    ],
)  # fmt: skip
def test_deliveries_name_their_item_and_target(
    trigger: str, source: Any, item: tuple[str, str], target: str | None, category: str
) -> None:
    body = orjson.dumps(
        {"id": "1", "created_at": NOW.isoformat(), "trigger": trigger, "source": source}
    )
    result = normalise(EntryKind.DELIVERY, body, context("box_webhook"))
    row = dict(zip(COLUMNS, result.rows[0], strict=True))
    assert ((row["item_type"], row["item_id"]), row["target_id"], row["category"]) == (
        item,
        target,
        category,
    )


def kloudless_event(**changes: Any) -> dict[str, Any]:
    return {
        "id": "827",
        "account": 6721,
        "type": "update",
        "modified": "2026-03-15T11:00:00Z",
        "ip": "209.43.28.60",
        "user_id": "uYWRh",
        "metadata": {
            "id": "F1",
            "type": "file",
            "name": "plan.txt",
            "size": None,
            "parent": {"id": "P1", "name": None},
            "owner": {"id": "o", "email": "olu@acme.test"},
            "last_modifier": {"id": "uYWRh", "email": "ada@acme.test", "name": "Ada"},
            "ancestors": None,
        },
    } | changes


def kloudless_row(event: dict[str, Any]) -> dict[str, Any]:
    body = orjson.dumps({"objects": [event], "cursor": 5})
    result = normalise(EntryKind.PAGE, body, context("kloudless", account_id="6721"))
    assert result.refused == []
    return dict(zip(COLUMNS, result.rows[0], strict=True))


def test_a_kloudless_event_fills_the_columns_and_gets_an_id_of_its_own() -> None:
    row = kloudless_row(kloudless_event())
    assert row["event_id"].startswith("x-")
    assert (row["account_id"], row["event_type"], row["category"]) == ("6721", "update", "content")
    assert (row["actor_id"], row["actor_login"], row["ip"]) == (
        "uYWRh",
        "ada@acme.test",
        "209.43.28.60",
    )
    assert (row["item_id"], row["parent_id"], row["owner_login"]) == ("F1", "P1", "olu@acme.test")
    assert kloudless_row(kloudless_event(id="other"))["event_id"] == row["event_id"]


def test_the_id_of_a_kloudless_delete_is_the_item() -> None:
    row = kloudless_row(kloudless_event(id="F9", type="delete", metadata=None))
    assert (row["item_id"], row["event_type"]) == ("F9", "delete")


def test_the_last_modifier_is_not_taken_for_another_actor() -> None:
    row = kloudless_row(kloudless_event(user_id="someone-else"))
    assert (row["actor_id"], row["actor_login"]) == ("someone-else", None)


def test_upstream_types_of_kloudless_keep_their_category() -> None:
    assert kloudless_row(kloudless_event(type="FAILED_LOGIN"))["category"] == "login"
    assert kloudless_row(kloudless_event(type="whatever"))["category"] == "other"


def test_actor_kinds_come_from_ids_logins_and_the_directory() -> None:
    known = Directory.of(
        [
            KnownPerson("11", "ada@acme.test", "Ada", "managed"),
            KnownPerson("12", "pat@gmail.com", "Pat", "managed"),
            KnownPerson("50", None, "Robot", "app"),
        ]
    )
    kinds = {
        ("11", "renamed@elsewhere.test"): "managed",
        ("50", None): "app",
        ("99", "ADA@acme.test"): "managed",
        ("99", "gone@acme.test"): "managed",
        ("99", "eve@evil.test"): "external",
        ("99", "other@gmail.com"): "external",
        ("99", None): "unknown",
        (None, None): "unknown",
        ("2", None): "anonymous",
        ("99", "AutomationUser_123_AbCdEf@boxdevedition.com"): "service",
        ("99", "AppUser_123_AbCdEf@boxdevedition.com"): "app",
    }
    assert {who: known.kind(*who) for who in kinds} == kinds


def test_without_a_directory_nobody_is_called_external() -> None:
    assert Directory().kind("11", "eve@evil.test") == "unknown"


def test_anonymous_and_missing_actors_are_told_apart() -> None:
    nobody = {"type": "user", "id": "2", "name": "Unknown User", "login": ""}
    assert row_of(box_event(created_by=nobody))["actor_kind"] == "anonymous"
    assert row_of(box_event(created_by=None))["actor_kind"] == "unknown"
    assert row_of(box_event(created_by={"id": None}))["actor_id"] is None


def test_every_event_type_of_the_table_has_its_category() -> None:
    assert category_of("FAILED_LOGIN") == "login"
    assert category_of("SHIELD_ALERT") == "security"
    assert category_of("nothing like it") == "other"


def test_inferred_meanings_are_not_reported() -> None:
    assert describe_type("DOWNLOAD") == "A file or folder is downloaded"
    assert describe_type("AI_SECURITY_DETECTION") is None


def test_sources_are_the_five_of_the_design() -> None:
    assert set(Source) == {"box_stream", "box_user_stream", "box_webhook", "kloudless", "import"}
