"""The linter: every rule has a webhook that breaks it and one that doesn't, and nothing raises."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.webhooks.manage.lint_rules import (
    CLEAN_HINT,
    CLEANED_AFTER,
    MOST,
    NEARLY,
    days_until_clean_up,
)
from lib.webhooks.manage.lint_subjects import Around, Hook, Owner
from lib.webhooks.manage.linting import RULES, LintSeverity, lint
from lib.webhooks.manage.triggers import triggers

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = "https://runbook.acme.example/webhooks/box/acme"
GOOD = Hook("folder", "735", HERE, ("FILE.UPLOADED", "FOLDER.CREATED"))
MADE = replace(GOOD, id="11", created_at=NOW - 90 * DAY)
AROUND = Around(NOW, Owner.SERVICE, count=3, here=(HERE,), last_delivery=NOW, records=True)
FILE_HOOK = replace(GOOD, target_type="file", triggers=("FILE.PREVIEWED",))


def rules(hook: Hook, around: Around = AROUND) -> list[str]:
    return [one.rule for one in lint(hook, around)]


BREAKS: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {
    "target.missing": [({"target_id": ""}, {}), ({"target_type": ""}, {})],
    "target.kind": [({"target_type": "web_link"}, {})],
    "target.root": [({"target_id": "0"}, {}), ({"target_id": " 0 "}, {})],
    "target.taken": [({}, {"others": (("folder", "735", "12"),)})],
    "address.missing": [({"address": ""}, {})],
    "address.url": [
        ({"address": text}, {})
        for text in ("runbook", "https:// a.example", "https://a.example:x/", "https://[::1/", "//")
    ],
    "address.https": [({"address": "http://runbook.acme.example/x"}, {"here": ()})],
    "address.port": [({"address": "https://a.example:8443/x"}, {})],
    "address.public": [
        ({"address": f"https://{host}/x"}, {})
        for host in (
            *("127.0.0.1", "10.0.0.8", "192.168.1.4", "169.254.169.254", "[::1]", "[fd00::1]"),
            *(
                "localhost",
                "runbook",
                "a.local",
                "a.internal",
                "b.localhost",
                "0x7f.1",
                "2130706433",
            ),
            *("100.64.0.1", "127.1", "0.0.0.0"),  # noqa: S104  # an address that is refused
        )
    ],
    "address.box": [({"address": f"https://{host}/x"}, {}) for host in ("box.com", "a.BOX.com.")],
    "address.secret": [({"address": "https://ada:secret@a.example/"}, {})],
    "address.here": [({"address": "https://RUNBOOK.acme.example/webhooks/box/other"}, {})],
    "triggers.missing": [({"triggers": ()}, {})],
    "triggers.unknown": [({"triggers": ("FILE.READ",)}, {})],
    "triggers.never": [({"triggers": ("NO_ACTIVE_SESSION",)}, {})],
    "triggers.target": [({"target_type": "file"}, {})],
    "triggers.name": [({"triggers": ("SIGN_REQUEST.SIGNER_SIGNED",)}, {})],
    "triggers.guide": [
        ({"target_type": "file", "triggers": ("DOCGEN_DOCUMENT_GENERATION_STARTED",)}, {})
    ],
    "limit.reached": [({}, {"count": MOST}), ({"id": "1"}, {"count": MOST + 1})],
    "limit.near": [({}, {"count": NEARLY}), ({}, {"count": MOST - 1})],
    "owner.person": [({}, {"owner": Owner.PERSON})],
    "cleanup": [
        ({"id": "11"}, {"last_delivery": NOW - CLEAN_HINT}),
        ({"id": "11"}, {"last_delivery": NOW - 2 * CLEANED_AFTER}),
    ],
    "address.elsewhere": [({"id": "11", "address": "https://else.example/"}, {})],
}
CASES = [(rule, *case) for rule, cases in BREAKS.items() for case in cases]


def test_every_rule_has_a_case_and_a_name_of_its_own() -> None:
    assert [rule.id for rule in RULES] == list(dict.fromkeys(rule.id for rule in RULES))
    assert {rule.id for rule in RULES} == set(BREAKS)


@pytest.mark.parametrize("rule, changes, around", CASES)
def test_what_breaks_a_rule_is_found_with_why_and_what_to_do(
    rule: str, changes: dict[str, Any], around: dict[str, Any]
) -> None:
    found = lint(replace(GOOD, **changes), replace(AROUND, **around))
    assert rule in [one.rule for one in found]
    (one,) = [one for one in found if one.rule == rule]
    assert one.what.endswith((".", "…"))
    assert one.why.endswith(".")
    assert one.fix.endswith(".")


@pytest.mark.parametrize(
    "hook, changes",
    [
        (GOOD, {}),
        (MADE, {}),
        (FILE_HOOK, {}),
        (MADE, {"others": (("folder", "735", "11"),)}),  # itself
        (GOOD, {"others": (("file", "735", "12"),)}),
        (GOOD, {"count": NEARLY - 1}),
        (MADE, {"count": MOST}),
        (MADE, {"count": None}),
        (MADE, {"last_delivery": NOW - CLEAN_HINT + timedelta(seconds=1)}),
        (MADE, {"last_delivery": None}),
        (GOOD, {"last_delivery": NOW - 60 * DAY}),  # one that isn't made yet
        (MADE, {"here": ()}),
        (replace(GOOD, address="https://runbook.acme.example:443/x"), {"here": ()}),
        (replace(GOOD, address="https://[2606:4700::1111]/x"), {"here": ()}),
        (replace(GOOD, address="https://notbox.com/x"), {"here": ()}),
    ],
)
def test_what_is_well_is_not_complained_of(hook: Hook, changes: dict[str, Any]) -> None:
    assert rules(hook, replace(AROUND, **changes)) == []


def test_the_worst_comes_first() -> None:
    hook = replace(GOOD, target_id="0", address="https://a:b@else.example/", id="4")
    found = lint(hook, AROUND)
    order = [one.severity for one in found]
    assert order == sorted(order, key=list(LintSeverity).index)
    assert set(order) == set(LintSeverity)


def test_the_days_that_are_left_count_from_the_last_delivery() -> None:
    assert days_until_clean_up(replace(AROUND, last_delivery=NOW - 20 * DAY)) == 10
    assert days_until_clean_up(replace(AROUND, last_delivery=None)) is None


TEXT = st.text(max_size=30)
URLS = TEXT | st.builds(
    "{}://{}:{}/{}".format, st.sampled_from(["http", "https"]), TEXT, TEXT, TEXT
)
HOOKS = st.builds(
    Hook,
    TEXT | st.sampled_from(["file", "folder"]),
    TEXT | st.just("0"),
    URLS,
    st.lists(TEXT | st.sampled_from(sorted(triggers())), max_size=4).map(tuple),
    TEXT,
)
AROUNDS = st.builds(
    Around,
    st.just(NOW),
    st.sampled_from(Owner),
    st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=2).map(tuple),
    st.none() | st.integers(),
    st.lists(URLS, max_size=2).map(tuple),
    st.none() | st.timedeltas(-1000 * DAY, 1000 * DAY).map(lambda age: NOW - age),
)


@given(HOOKS, AROUNDS)
def test_nothing_raises_whatever_a_webhook_holds(hook: Hook, around: Around) -> None:
    for one in lint(hook, around):
        assert one.what
        assert len(one.what) < 500
