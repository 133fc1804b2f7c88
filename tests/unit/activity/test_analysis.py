"""Top lists beside the period before, content, sharing and profiles, over a real store."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from lib.activity.queries import content, period_totals, profiles, rankings, sharing, summaries
from lib.activity.queries.filters import Filters
from lib.store import Stores
from lib.store.events import dialect
from lib.store.ledger.records import KnownPerson
from tests.unit.activity.samples import DAY, NOW, box_event, marker, memory_stores, put, put_events

SINCE = NOW - 7 * DAY
BOB = {"type": "user", "id": "22", "name": "Bob", "login": "bob@acme.test"}
CY = {"type": "user", "id": "33", "name": "Cy", "login": "cy@acme.test"}


def file(item_id: str, name: str) -> dict[str, str]:
    return {"item_type": "file", "item_id": item_id, "item_name": name}


def sized(size: int | None) -> dict[str, object]:
    return {} if size is None else {"size": size}


def invited(number: int, login: str | None) -> dict[str, object]:
    return box_event(
        number,
        at=NOW - 2 * DAY + timedelta(minutes=number),
        event_type="COLLABORATION_INVITE",
        source={"folder_id": "7", "folder_name": "Plans", "user_id": f"9{number}"},
        accessible_by={"type": "user", "id": f"9{number}", "login": login},
    )


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    made = memory_stores()
    people = [KnownPerson(one, None, None, "managed") for one in ("11", "22", "33")]
    made.ledger.remember_people("acme", people, NOW)
    events = [box_event(n, at=NOW - DAY - timedelta(minutes=n)) for n in range(30)]
    events += [box_event(100 + n, at=NOW - 9 * DAY - timedelta(minutes=n)) for n in range(10)]
    events += [
        box_event(200 + n, at=NOW - 2 * DAY - timedelta(minutes=n), created_by=BOB,
                  ip_address=f"198.51.100.{n}", source=file("5", "monkey.PNG"))
        for n in range(25)
    ]  # fmt: skip
    events += [
        box_event(300 + n, at=NOW - 10 * DAY - timedelta(minutes=n), created_by=CY,
                  ip_address="2001:db8:1:2::9", source=file("6", "no ending"))
        for n in range(7)
    ]  # fmt: skip
    events += [
        box_event(400, at=NOW - 8 * DAY, event_type="UPLOAD", source=file("8", "a.pdf"),
                  additional_details=sized(500)),
        box_event(401, at=NOW - 3 * DAY, event_type="UPLOAD", source=file("9", "b.pdf"),
                  additional_details=sized(2000)),
        box_event(402, at=NOW - 3 * DAY, event_type="UPLOAD", source=file("10", "c.pdf"),
                  additional_details={}),
        box_event(403, at=NOW - 2 * DAY, event_type="DELETE", source=file("8", "a.pdf"),
                  additional_details={}),
        box_event(404, at=NOW - 2 * DAY, event_type="DELETE", source=file("77", "d.pdf"),
                  additional_details={}),
        box_event(405, at=NOW - 2 * DAY, event_type="SHARE", source=file("9", "b.pdf")),
        invited(500, "eve@evil.test"),
        invited(501, "olu@ACME.test"),
        invited(502, None),
    ]  # fmt: skip
    put_events(made, events)
    put(made, marker(NOW - 20 * DAY, NOW))
    yield made
    made.close()


def choice(**changes: object) -> Filters:
    return Filters(**{"profile": "acme", "since": SINCE, "until": NOW, **changes})  # type: ignore[arg-type]


def test_a_list_tells_what_is_more_new_and_gone(stores: Stores) -> None:
    found = rankings.ranked(stores.events, choice(), "actor", now=NOW)
    assert found.comparison.allowed
    rows = {row.value: row for row in found.frame.itertuples()}
    assert (rows["11"].compared, rows["11"].previous) == (38, 11)
    assert (rows["22"].compared, rows["22"].previous) == (25, 0)
    assert found.gone.to_dict("records") == [{"value": "33", "label": "Cy", "events": 7}]


def test_a_list_with_its_changes_is_the_plain_list(stores: Stores) -> None:
    for by in ("actor", "type", "item", "network", "file_type", "ip"):
        found = rankings.ranked(stores.events, choice(), by, now=NOW).frame
        plain = summaries.top(stores.events, choice(), by)
        assert found[list(plain.columns)].equals(plain), by


def test_changes_are_withheld_where_the_period_before_was_not_read(stores: Stores) -> None:
    found = rankings.ranked(stores.events, choice(since=NOW - 15 * DAY), "actor", now=NOW)
    assert not found.comparison.allowed
    assert found.frame["previous"].isna().all()
    assert found.gone.empty


def test_a_list_that_still_settles_compares_equal_distances(stores: Stores) -> None:
    now = NOW + timedelta(minutes=6)
    chosen = choice(since=now - 7 * DAY, until=now)
    found = rankings.ranked(stores.events, chosen, "type", now=now)
    assert found.comparison.allowed
    assert int(found.frame["compared"].sum()) == int(found.frame["events"].sum())


@pytest.mark.parametrize(
    "by, expected",
    [
        ("network", {"203.0.113.0/24": 38, "198.51.100.0/24": 25}),
        ("file_type", {"pdf": 35, "png": 25}),
    ],
)
def test_networks_and_file_types_are_counted_and_filtered_alike(
    stores: Stores, by: str, expected: dict[str, int]
) -> None:
    found = summaries.top(stores.events, choice(), by)
    assert dict(zip(found["value"], found["events"], strict=True)) == expected
    for value, count in expected.items():
        kept = choice(include={by: (value,)})
        assert period_totals.totals(stores.events, kept, now=NOW).current.events == count


@pytest.mark.parametrize(
    "address, network",
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:0DB8:0000:1:2:3:4:5", "2001:db8:0::/48"),
        ("2001:db8::1", "2001:db8:0::/48"),
        ("1::2:3:4:5:6:7", "1:0:2::/48"),
        ("::1", "0:0:0::/48"),
        ("Unknown IP", None),
        (None, None),
    ],
)
def test_the_network_of_an_address(
    stores: Stores, address: str | None, network: str | None
) -> None:
    sql = f"SELECT {dialect.network('a')} FROM (SELECT ?::VARCHAR AS a)"  # noqa: S608
    assert stores.events.rows(sql, [address]) == [(network,)]


def test_downloads_beside_uploads_with_bytes_and_what_has_no_size(stores: Stores) -> None:
    frame = content.moved(stores.events, choice(), now=NOW).frame
    sums = {name: int(frame[name].sum()) for name in list(frame.columns)[1:]}
    assert sums == {
        "downloads": 55, "uploads": 2, "downloaded": 55 * 1024, "uploaded": 2000, "unsized": 1,
    }  # fmt: skip
    assert len(frame) == 8


def test_storage_says_what_it_does_not_know(stores: Stores) -> None:
    found = content.storage(stores.events, choice(), now=NOW)
    assert (found.uploads, found.deletes) == (2, 2)
    assert (found.unsized_uploads, found.unsized_deletes, found.recalled) == (1, 1, 1)
    assert found.growth == 2000 - 500  # the deleted file's size was told by its upload
    assert int(found.frame["growth"].iloc[-1]) == found.growth


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kolkata"])
def test_nothing_in_a_period_gives_whole_frames_of_zeros(stores: Stores, timezone: str) -> None:
    nothing = choice(profile="nobody")
    moved = content.moved(stores.events, nothing, now=NOW, timezone=timezone).frame
    assert len(moved) == 8
    assert int(moved["downloads"].sum()) == 0
    assert content.storage(stores.events, nothing, now=NOW, timezone=timezone).growth == 0
    shared = sharing.sharing(stores.events, nothing, now=NOW, timezone=timezone)
    assert shared.frame.empty
    assert (shared.domains, shared.invited_outside) == ((), 0)


def test_only_logins_of_other_domains_are_outside(stores: Stores) -> None:
    found = sharing.sharing(stores.events, choice(), now=NOW)
    assert found.domains == ("acme.test",)
    assert (found.invited, found.invited_outside, found.unknown) == (3, 1, 1)
    assert list(found.external["label"]) == ["eve@evil.test"]
    assert found.total(sharing.LINKS_ON) == 1


def test_a_profile_knows_first_and_last_of_all_that_is_kept(stores: Stores) -> None:
    ada = profiles.subject(stores.events, choice(), "actor", "11")
    assert ada is not None
    assert (ada.name, ada.detail, ada.kind) == ("Ada Analyst", "ada@acme.test", "managed")
    assert ada.first == NOW - 9 * DAY - timedelta(minutes=9)
    item = profiles.subject(stores.events, choice(), "item", "5")
    assert item is not None
    assert (item.name, item.events) == ("monkey.PNG", 25)
    assert profiles.subject(stores.events, choice(), "actor", "nobody") is None


def test_peers_are_those_who_touched_the_same_items() -> None:
    extra = memory_stores()
    put_events(
        extra,
        [
            box_event(1, source=file("1", "x")),
            box_event(2, source=file("2", "y")),
            box_event(3, source=file("1", "x"), created_by=BOB),
            box_event(4, source=file("2", "y"), created_by=BOB),
            box_event(5, source=file("2", "y"), created_by=CY),
            box_event(6, source=file("3", "z"), created_by=CY),
        ],
    )
    everyone = choice(until=NOW + DAY)
    found = profiles.peers(extra.events, everyone, "11")
    assert list(zip(found["value"], found["items"], strict=True)) == [("22", 2), ("33", 1)]
    assert profiles.peers(extra.events, everyone, "nobody").empty
    extra.close()
