"""What the Health page says of verdicts and incidents, and how it groups and draws them."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from lib.runbook.checks.registry import CHECKS
from lib.runbook.checks.verdict import Status
from lib.runbook.health.groups import GROUPS, group_of, grouped, worst
from lib.runbook.health.history import Extent, Segment
from lib.runbook.health.latency import Latency, Server
from lib.store.ledger.incidents import Incident, IncidentSeverity, IncidentState
from lib.store.ledger.verdicts import VerdictSpan
from lib.ui.components.charts.chart_style import ChartStyle
from lib.ui.health.charts import dumbbells, strips
from lib.ui.health.view_history import percent
from lib.ui.health.words import EXTENTS
from lib.ui.health.words_summary import glance, incident_lines, tile
from tests.unit.runbook.verdict_samples import MINUTE, NOW, failed, passed, verdict, warned

GAP = 15 * MINUTE
CALM = 30 * MINUTE
AUTHORIZE = "token.app_not_authorized"


def incident(cause: str = AUTHORIZE) -> Incident:
    start = NOW - 60 * MINUTE
    return Incident(
        "acme",
        cause,
        IncidentSeverity.FAILURE,
        start,
        NOW,
        start,
        checks=("a",),
        waiting=("a",),
        id=1,
    )


def test_all_pass_since_when() -> None:
    said = glance([passed("a")], [], since=NOW - 60 * MINUTE, zone=UTC, now=NOW)
    assert said.status is Status.PASSED
    assert said.headline == "All checks pass. No failures since 2026-11-02 11:00 (1 hour ago)."


def test_without_a_recent_run_no_since_is_claimed() -> None:
    assert glance([passed("a")], [], since=None, zone=UTC, now=NOW).headline == "All checks pass."


def test_all_checks_pass_is_said_only_where_each_one_did() -> None:
    unproven = "No failures. 1 check couldn't prove anything."
    for status, expected in ((Status.SKIPPED, "No failures."), (Status.UNPROVEN, unproven)):
        said = glance([passed("a"), verdict("b", status)], [], since=None, zone=UTC, now=NOW)
        assert (said.status, said.headline) == (Status.PASSED, expected), status


@pytest.mark.parametrize("status", [Status.SKIPPED, Status.UNPROVEN])
def test_without_a_check_that_passed_nothing_is_green(status: Status) -> None:
    found = [verdict("a", status), verdict("b", Status.SKIPPED)]
    said = glance(found, [], since=NOW, zone=UTC, now=NOW)
    assert (said.status, said.headline[:18]) == (Status.UNPROVEN, "Nothing is proved:")


def test_what_could_not_be_proved_is_counted() -> None:
    found = [passed("a"), verdict("b", Status.UNPROVEN)]
    said = glance(found, [], since=None, zone=UTC, now=NOW)
    assert said.headline == "No failures. 1 check couldn't prove anything."
    group = tile(found, [[], []], now=NOW, longest_gap=GAP)
    assert group.figure == "1 of 1 pass, 1 not proved"
    assert (group.status, group.word, group.since) == (Status.UNPROVEN, "Partly proved", None)
    failing = tile([*found, failed("c", AUTHORIZE)], [[], [], []], now=NOW, longest_gap=GAP)
    assert (failing.status, failing.word) == (Status.FAILED, "Failing")
    assert tile([passed("a")], [[]], now=NOW, longest_gap=GAP).word == "Healthy"


def test_a_warning_is_counted() -> None:
    found = [passed("a"), warned("b", "network.dns")]
    said = glance(found, [], since=None, zone=UTC, now=NOW)
    assert said.status is Status.WARNING
    assert said.headline == "No failures. 1 warning."


def test_what_is_broken_is_named_with_fault_fix_and_place() -> None:
    found = [failed("a", AUTHORIZE), failed("b", AUTHORIZE), passed("c")]
    said = glance(found, [incident()], since=NOW, zone=UTC, now=NOW)
    assert said.headline.startswith("1 problem since 2026-11-02 11:00 (1 hour ago): ")
    lines = dict(said.lines)
    assert lines["Responsible"] == "the Box admin"
    assert lines["What to do"]
    assert "Admin Console" in lines["Where"]


def test_several_causes_are_counted() -> None:
    found = [failed("a", AUTHORIZE), failed("b", "network.dns")]
    assert glance(found, [], since=None, zone=UTC, now=NOW).headline.startswith("2 problems")


def span(check: str, start: int, status: Status = Status.PASSED) -> VerdictSpan:
    return VerdictSpan(check, status, None, NOW + start * MINUTE, NOW)


def test_a_tile_is_healthy_since_the_last_of_its_checks_is() -> None:
    found = tile(
        [passed("a"), passed("b"), verdict("c", Status.SKIPPED)],
        [[span("a", -90)], [span("b", -30)], [span("c", -5, Status.SKIPPED)]],
        now=NOW,
        longest_gap=GAP,
    )
    assert (found.status, found.figure) == (Status.PASSED, "2 of 2 pass")
    assert found.since == NOW - 30 * MINUTE


def test_a_tile_fails_since_the_first_of_its_checks_does() -> None:
    found = tile(
        [failed("a", AUTHORIZE), failed("b", AUTHORIZE), passed("c")],
        [
            [span("a", -20, Status.FAILED)],
            [span("b", -40, Status.FAILED)],
            [span("c", -90)],
        ],
        now=NOW,
        longest_gap=GAP,
    )
    assert (found.status, found.figure) == (Status.FAILED, "1 of 3 pass")
    assert found.since == NOW - 40 * MINUTE


def test_a_tile_says_how_many_of_what_passes_have_a_warning() -> None:
    found = tile([passed("a"), verdict("b", Status.WARNING)], [[], []], now=NOW, longest_gap=GAP)
    assert (found.status, found.figure) == (Status.WARNING, "2 of 2 pass, 1 with a warning")


def test_a_tile_without_judged_checks_claims_nothing() -> None:
    found = tile([verdict("a", Status.SKIPPED)], [[]], now=NOW, longest_gap=GAP)
    assert (found.status, found.figure, found.since) == (Status.SKIPPED, "Nothing to check", None)


def test_an_incident_says_since_when_how_often_and_when_it_ends() -> None:
    lines = incident_lines(replace(incident(), seen=3), zone=UTC, now=NOW, calm=CALM)
    assert "isn't authorized" in lines.title
    assert lines.fault == "the Box admin"
    assert lines.when.startswith("Since 2026-11-02 11:00 (1 hour ago). Seen 3 times, last ")
    assert lines.state == ""
    calming = replace(incident(), calm_at=NOW - 10 * MINUTE, waiting=())
    state = incident_lines(calming, zone=UTC, now=NOW, calm=CALM).state
    assert "Resolved if it isn't seen for 20 more minutes" in state
    again = replace(incident(), episode=2)
    assert "Recurred 1 time." in incident_lines(again, zone=UTC, now=NOW, calm=CALM).when
    done = replace(incident(), state=IncidentState.RESOLVED, resolved_at=NOW)
    assert incident_lines(done, zone=UTC, now=NOW, calm=CALM).state.startswith("Resolved 2026")


def test_every_check_is_in_a_group_that_fits() -> None:
    names = {check.id: group_of(check.id).name for check in CHECKS}
    assert set(names.values()) == {group.name for group in GROUPS}
    assert names["box.token.enterprise"] == "identity"
    assert names["box.token.user"] == "permissions"
    assert names["box.scope.manage_users"] == "permissions"
    assert names["box.scope.manage_webhooks"] == "webhooks"
    assert names["box.events.position"] == "events"
    assert {name for check, name in names.items() if check.startswith("kloudless.")} == {
        "kloudless",
        "webhooks",
    }


def test_groups_are_shown_in_their_order_and_empty_ones_are_not() -> None:
    found = grouped([passed("kloudless.team"), passed("box.identity")])
    assert [group.name for group in found] == ["identity", "kloudless"]
    assert worst([]) is Status.SKIPPED


@pytest.mark.parametrize(
    "share, text",
    [(1.0, "100%"), (0.99999, "99.99%"), (0.5, "50.00%"), (0.0, "0.00%")],
)
def test_a_share_is_never_rounded_up_to_a_whole(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize("dark", [False, True])
def test_strips_hatch_what_nobody_watched_and_mark_each_extent_otherwise(dark: bool) -> None:  # noqa: FBT001
    end = NOW + timedelta(hours=1)
    half = NOW + timedelta(minutes=30)
    segments = [
        Segment(NOW, half, Extent.UNWATCHED),
        Segment(half, end, Extent.DOWN, "network.dns"),
    ]
    figure = strips({"Everything <b>": segments}, ChartStyle(dark, "UTC"), UTC)
    by_name = {trace.name: trace for trace in figure.data}
    assert set(by_name) == set(EXTENTS.values())
    looks = {(t.marker.color, t.marker.pattern.shape) for t in figure.data}
    assert len(looks) == len(EXTENTS)
    unwatched = by_name["not monitored"]
    assert unwatched.marker.pattern.shape == "/"
    assert list(unwatched.x) == [30 * 60 * 1000]
    assert by_name["passing"].x is None or list(by_name["passing"].x) == []
    assert "network.dns" in by_name["failing"].hovertext[0]
    assert "<b>" not in figure.layout.yaxis.ticktext[0]


def test_dumbbells_name_each_group_once() -> None:
    line = Latency(Server.BOX, "GET /2.0/users/me", 3, 0, 10, 20, 30, 40, NOW, NOW)
    figure = dumbbells(
        [line, replace(line, group="GET /2.0/events")], ChartStyle(dark=False, zone_name="UTC")
    )
    assert list(figure.layout.yaxis.ticktext) == ["GET /2.0/users/me", "GET /2.0/events"]
    assert {trace.name for trace in figure.data if trace.name} == {"p50", "p95", "p99"}
