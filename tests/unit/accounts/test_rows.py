"""Rows out of whatever the APIs answer, and the arithmetic of pages."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.accounts.fetch import Proof, can_be_tried, state_words
from lib.accounts.rows import (
    OFFSET_LIMIT,
    Paging,
    UserKind,
    account_row,
    group_row,
    member_row,
    user_row,
)
from lib.core.json_fields import time_field

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NAMES = (
    *("id", "name", "login", "role", "status", "created_at", "space_used", "enterprise", "user"),
    *("group", "group_type", "account", "apis", "enabled", "admin", "token_expiry", "created"),
)
KEYS = st.sampled_from(NAMES)
#: How fast a busy machine draws examples is no fact about a row.
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    "raw, kind",
    [
        ({"login": "ada@example.com"}, UserKind.MANAGED),
        ({"login": "AutomationUser_1_x@boxdevedition.com"}, UserKind.SERVICE),
        ({"login": "AppUser_1_x@boxdevedition.com"}, UserKind.APP),
        ({"login": "a@b.c", "is_platform_access_only": True}, UserKind.APP),
        ({"login": "a@b.c", "enterprise": {"id": "2"}}, UserKind.EXTERNAL),
        ({"login": "a@b.c", "enterprise": None}, UserKind.EXTERNAL),
        ({"login": "a@b.c", "enterprise": {"id": "1"}}, UserKind.MANAGED),
    ],
)
def test_the_kind_of_a_user_is_read_from_its_record(raw: dict[str, Any], kind: UserKind) -> None:
    assert user_row(raw, enterprise_id="1").kind is kind


def test_a_time_of_another_zone_is_reported_in_utc() -> None:
    assert time_field("2026-10-31T17:00:00-07:00") == datetime(2026, 11, 1, tzinfo=UTC)
    assert time_field("yesterday") is None


@CALM
@given(st.dictionaries(KEYS, JSON))
def test_no_answer_is_too_strange_for_a_row(raw: dict[str, Any]) -> None:
    user_row(raw, enterprise_id="1")
    group_row(raw)
    member_row(raw)
    account_row(raw)


@given(st.integers(0, 50_000), st.integers(1, 1000), st.integers(1, 100))
def test_no_page_asks_for_a_position_that_box_refuses(total: int, number: int, size: int) -> None:
    pages = Paging(1, total, size).pages
    last = Paging(min(number, pages), total, size)
    assert last.offset <= OFFSET_LIMIT
    assert pages >= 1


def test_a_list_beyond_ten_thousand_says_that_it_is_cut() -> None:
    assert Paging(1, 12_000).cut
    assert not Paging(1, 10_000).cut


def test_a_page_says_where_it_stands() -> None:
    assert Paging(2, 3120).words(25, "users") == "26 to 50 of 3,120 users"
    assert Paging(1, 0).words(0, "users") == "No users"


def test_the_state_of_an_account_ends_with_a_call() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    enabled = account_row({"id": 1, "enabled": True, "apis": ["storage"]})
    older = account_row({"id": 1, "active": False})
    calendar = account_row({"id": 1, "enabled": True, "apis": ["calendar"]})
    assert "not tested" in state_words(enabled, None)
    assert state_words(enabled, Proof(ok=True, at=at, state="Callable")) == "✓ Callable"
    assert "Disabled" in state_words(older, None)
    assert not can_be_tried(calendar)
