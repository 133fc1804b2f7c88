"""A text that is looked up first finds the same events as comparing every column with it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.activity.queries import paging, period_totals, text_search
from lib.activity.queries.filters import Filters, condition
from lib.activity.queries.text_search import looked_up
from lib.store import Stores
from lib.store.events.texts import SEARCHED
from tests.unit.activity.samples import DAY, NOW, box_event, memory_stores, put_events

NAMES = ("Plan 1.pdf", "plan_2.pdf", "100%.pdf", "Ärger.doc", "a\\b.txt", "Straße.xlsx", "x'y.pdf")
FILTERS = Filters("acme", NOW - 90 * DAY, NOW + DAY)


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    made = memory_stores()
    put_events(
        made,
        [
            box_event(
                n,
                at=NOW - n * timedelta(hours=5),
                event_type=("DOWNLOAD", "PREVIEW", "LOGIN")[n % 3],
                created_by={
                    "type": "user",
                    "id": str(n % 7),
                    "name": f"Ada {n % 7}",
                    "login": f"ada{n % 7}@acme.test",
                },
                source=box_event()["source"]
                | {"item_id": str(n % 40), "item_name": NAMES[n % 7] if n % 5 else f"only {n}.pdf"},
            )
            for n in range(400)
        ],
    )
    put_events(made, [box_event(1000)], source="import")
    yield made
    made.close()


@settings(max_examples=80, deadline=None)
@given(
    text=st.one_of(
        st.sampled_from(
            ("plan", "PLAN 1", "%", "_", "\\", "ärger", "STRASSE", "ß", "only 3", "ada3")
        ),
        st.sampled_from(("download", "nowhere", " plan ", "x'y", "@acme", "finance", "audit")),
        st.text(min_size=1, max_size=3),
    ),
    named=st.sampled_from((0, 2, 200)),
)
def test_it_finds_what_comparing_finds(stores: Stores, text: str, named: int) -> None:
    asked = Filters("acme", FILTERS.since, FILTERS.until, text=text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_search, "NAMED", named)
        found = looked_up(stores.events, asked, "box_stream")
    ids = [
        stores.events.rows(
            f"SELECT event_id FROM events WHERE {where.sql} ORDER BY 1",  # noqa: S608
            where.parameters,
        )
        for where in (condition(asked, "box_stream"), condition(found, "box_stream"))
    ]
    assert ids[0] == ids[1]
    assert period_totals.totals(stores.events, asked, now=NOW).current.events == len(ids[0])


def test_only_columns_that_have_it_are_searched(stores: Stores) -> None:
    found = looked_up(stores.events, Filters("acme", NOW - DAY, NOW, text="ADA 3"), "box_stream")
    assert found.matches is not None
    assert found.matches.values == {"actor_name": ("Ada 3",)}
    nowhere = looked_up(stores.events, Filters("acme", NOW - DAY, NOW, text="nope"), "box_stream")
    assert "false" in condition(nowhere, "box_stream").sql


def test_what_was_looked_up_for_another_source_is_not_used(stores: Stores) -> None:
    asked = Filters("acme", NOW - DAY, NOW, text="nope")
    found = looked_up(stores.events, asked, "box_stream")
    assert condition(found, "import") == condition(asked, "import")
    assert all(name in condition(found, "import").sql for name in SEARCHED)


@pytest.mark.parametrize("text", ["plan", "only", "ada", "download", "only 395", "nowhere"])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_of_a_text_follow_each_other(stores: Stores, text: str, limit: int) -> None:
    asked = Filters("acme", FILTERS.since, FILTERS.until, text=text)
    where = condition(asked, "box_stream")
    every = stores.events.rows(
        f"SELECT event_id FROM events WHERE {where.sql}"  # noqa: S608
        " ORDER BY occurred_at DESC, event_id DESC",
        where.parameters,
    )
    found: list[str] = []
    cursor = None
    for _ in range(30):
        page = paging.page(stores.events, asked, limit=limit, before=cursor)
        found += list(page.frame["event_id"])
        cursor = page.next
        if cursor is None:
            break
    assert found == [event_id for (event_id,) in every][: len(found)]
    assert cursor is not None or len(found) == len(every)
