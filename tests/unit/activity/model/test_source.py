from itertools import chain, combinations

import pytest

from lib.activity.model.source import (
    RECORD_ORDER,
    RECORDS,
    Source,
    first_of_record,
    source_label,
    source_read,
)
from lib.activity.queries import source_of_record
from lib.settings.profiles import (
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Profile,
    ProfileKind,
)
from tests.unit.activity.samples import DAY, NOW, marker, memory_stores, put

ONE_USER = BoxCredentials(auth=BoxAuth.OAUTH, user_id="1")
KLOUDLESS = KloudlessCredentials()
CREDENTIALS = [
    (BoxCredentials(), None, Source.BOX_STREAM),
    (BoxCredentials(), KLOUDLESS, Source.BOX_STREAM),
    (BoxCredentials(auth=BoxAuth.OAUTH), None, Source.BOX_STREAM),
    (ONE_USER, None, Source.BOX_USER_STREAM),
    (ONE_USER, KLOUDLESS, Source.BOX_USER_STREAM),
    (None, KLOUDLESS, Source.KLOUDLESS),
    (None, None, Source.IMPORT),
]


def profile(box: BoxCredentials | None, kloudless: KloudlessCredentials | None) -> Profile:
    return Profile("acme", "Acme", ProfileKind.SESSION, box=box, kloudless=kloudless)


@pytest.mark.parametrize("box,kloudless,source", CREDENTIALS)
def test_the_source_that_is_read_follows_the_credentials(
    box: BoxCredentials | None, kloudless: KloudlessCredentials | None, source: Source
) -> None:
    assert source_read(profile(box, kloudless)) is source


def test_what_is_read_by_the_credentials_is_what_the_store_counts() -> None:
    for box, kloudless, _ in CREDENTIALS:
        read = source_read(profile(box, kloudless))
        stores = memory_stores()
        put(stores, marker(NOW - DAY, NOW, source=read), marker(NOW - DAY, NOW, source="import"))
        counted = source_of_record.source_of_record(stores.events, "acme")
        stores.close()
        assert counted == read, (box, kloudless)


def test_the_store_counts_by_the_order_of_the_records_whatever_it_holds() -> None:
    for existing in chain.from_iterable(combinations(Source, n) for n in range(len(Source) + 1)):
        stores = memory_stores()
        put(stores, *(marker(NOW - DAY, NOW, source=one) for one in existing))
        counted = source_of_record.source_of_record(stores.events, "acme")
        stores.close()
        assert counted == first_of_record(existing), existing
        ranked = [one for one in RECORD_ORDER if one in existing]
        assert counted == (ranked[0] if ranked else Source.BOX_STREAM), existing


def test_the_order_is_the_one_that_is_documented() -> None:
    assert RECORD_ORDER == (
        Source.BOX_STREAM,
        Source.KLOUDLESS,
        Source.BOX_USER_STREAM,
        Source.IMPORT,
    )


def test_every_source_has_one_record_under_its_own_name() -> None:
    assert set(RECORDS) == set(Source)
    assert all(name is record.source for name, record in RECORDS.items())
    labels = [record.label for record in RECORDS.values()]
    assert len(set(labels)) == len(labels)


def test_a_source_that_nobody_knows_is_called_as_it_stands() -> None:
    assert source_label("box_webhook") == "Box webhooks"
    assert source_label("carrier_pigeon") == "carrier_pigeon"
