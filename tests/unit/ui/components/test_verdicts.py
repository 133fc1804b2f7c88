"""How verdicts are drawn: the words are there without the colours, and foreign text stays text."""

import re

from streamlit.testing.v1 import AppTest

from lib.runbook.checks.verdict import Status
from lib.ui.components.verdicts import ORDER, STATUS_LOOKS


def drawn() -> None:
    from datetime import UTC, datetime  # noqa: PLC0415  # the function is a script of its own
    from types import SimpleNamespace  # noqa: PLC0415

    from lib.runbook.checks.verdict import (  # noqa: PLC0415
        CheckOutcome,
        Evidence,
        Status,
        conclude,
    )
    from lib.ui.components.verdicts import handoff_drawer, verdict_card  # noqa: PLC0415

    at = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
    context = SimpleNamespace(
        zone=UTC, zone_name="UTC", profile=SimpleNamespace(label="Acme <b>[x](http://evil)</b>")
    )
    seen = Evidence(
        request="GET /2.0/users",
        status=403,
        code="insufficient_scope",
        request_ids=("req-1", "req-2"),
        compared={"wanted": "**bold** <script>"},
    )
    found = [
        conclude("a.ok", "It *works*", CheckOutcome(Status.PASSED), Evidence(), at=at, ms=12),
        conclude(
            "a.bad",
            "Can list users",
            CheckOutcome(Status.FAILED, "token.app_not_authorized"),
            seen,
            at=at,
            ms=84,
        ),
        conclude(
            "a.none",
            "Not here",
            CheckOutcome(Status.SKIPPED, "check.not_here"),
            Evidence(),
            at=at,
            ms=0,
        ),
    ]
    for one in found:
        verdict_card(one, context, key=one.id)  # type: ignore[arg-type]  # what it reads of one
    handoff_drawer(found[1], context, key="x", also=["Can list groups"])  # type: ignore[arg-type]


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.code)
    found = [str(one.value) for kind in kinds for one in kind]
    return "\n".join([*found, *(str(table.value.to_csv()) for table in app.table)])


def test_a_failure_says_why_what_to_do_who_and_where() -> None:
    app = AppTest.from_function(drawn).run()
    assert not app.exception
    shown = texts(app)
    assert "isn't authorized in this enterprise" in shown
    assert "What to do" in shown
    assert "A Box admin can do this." in shown
    assert "as of 20" in shown


def test_every_status_has_a_word_an_icon_and_a_colour_of_its_own() -> None:
    assert set(STATUS_LOOKS) == set(ORDER) == set(Status)
    assert len({style.word for style in STATUS_LOOKS.values()}) == len(Status)
    assert len({style.icon for style in STATUS_LOOKS.values()}) == len(Status)


def test_evidence_opens_on_demand_and_can_be_copied() -> None:
    app = AppTest.from_function(drawn).run()
    assert len(app.code) == 0
    app.button(key="evidence.a.bad").click().run()
    assert not app.exception
    (text,) = [one.value for one in app.code]
    for part in ("a.bad: failed", "GET /2.0/users", "403 insufficient_scope", "req-1, req-2"):
        assert part in text
    assert "2026-11-02 23:30:00 UTC" in text


def test_what_is_handed_on_is_plain_text_with_what_the_person_needs() -> None:
    app = AppTest.from_function(drawn).run()
    app.button(key="handover.x").click().run()
    (text,) = [one.value for one in app.code]
    assert text.startswith("For a Box admin: the Box integration")
    for part in ("req-1, req-2", "403 insufficient_scope", "Where:", "Also affected: Can list"):
        assert part in text
    assert not re.search(r"\*\*(What|Why)", text)


def test_foreign_text_is_never_markup() -> None:
    app = AppTest.from_function(drawn).run()
    app.button(key="evidence.a.bad").click().run()
    shown = "\n".join(str(one.value) for one in (*app.markdown, *app.caption))
    assert r"It \*works\*" in shown
    assert "](http" not in shown
