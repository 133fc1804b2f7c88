"""Percentiles of a call journal, by what was asked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.call import Call
from lib.runbook.health.latency import Server, group_of, latencies, percentile
from tests.unit.runbook.verdict_samples import NOW


def call(path: str, ms: float = 10.0, status: int | None = 200, method: str = "GET") -> Call:
    return Call(NOW, method, "host", path, status, ms, (), 1, None)


@pytest.mark.parametrize(
    "path, expected",
    [
        ("/2.0/users/me", "GET /2.0/users/me"),
        ("/2.0/users/33445566", "GET /2.0/users/{id}"),
        ("/2.0/folders/0/items", "GET /2.0/folders/{id}/items"),
        ("/2.0/enterprise_configurations/77", "GET /2.0/enterprise_configurations/{id}"),
        ("/oauth2/token", "GET /oauth2/token"),
        ("/v1/accounts/12/storage/folders/FaB3xyz0123456789==/contents",
         "GET /v1/accounts/{id}/storage/folders/{id}/contents"),
        ("/v1/accounts/12/events/subscriptions", "GET /v1/accounts/{id}/events/subscriptions"),
    ],
)  # fmt: skip
def test_calls_are_grouped_without_their_ids(path: str, expected: str) -> None:
    assert group_of(call(path)) == expected


def test_percentiles_by_server_and_group() -> None:
    calls = [call("/2.0/users/me", ms) for ms in range(1, 101)]
    calls += [call("/v1/accounts/1", 7.0), call("/2.0/events", 3.0, None), call("/2.0/events", 4.0)]
    lines = latencies(calls)
    assert [(one.server, one.group, one.calls) for one in lines] == [
        (Server.BOX, "GET /2.0/users/me", 100),
        (Server.BOX, "GET /2.0/events", 2),
        (Server.KLOUDLESS, "GET /v1/accounts/{id}", 1),
    ]
    assert (lines[0].p50, lines[0].p95, lines[0].p99, lines[0].longest) == (50, 95, 99, 100)
    assert lines[1].faults == 1
    whole = latencies(calls, by_group=False)
    assert [(one.server, one.calls) for one in whole] == [(Server.BOX, 102), (Server.KLOUDLESS, 1)]


def test_a_refusal_is_an_answer_and_a_fault_is_not() -> None:
    calls = [call("/2.0/users", status=status) for status in (200, 403, 429, 500, 503, None)]
    assert latencies(calls)[0].faults == 4


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_one_of_the_values_and_bounds_its_share(
    values: list[float], share: float
) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
