"""The table of triggers: of one piece with Box's own list, and with the types of events."""

import csv
import json
from importlib.resources import files
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lib.activity.model.event import categories
from lib.webhooks.manage.triggers import ALARMS, Asked, has_event, offered, pair, triggers
from tests.sandbox_server import ROOT


def test_every_offered_trigger_is_in_the_list_of_the_api_and_the_other_way_round() -> None:
    document: dict[str, Any] = json.loads((ROOT / "tests/data/box-openapi.json").read_bytes())
    properties = document["components"]["schemas"]["Webhook"]["allOf"][1]["properties"]
    known = set(properties["triggers"]["items"]["enum"])
    asked = {one.name for one in triggers().values() if one.asked is Asked.YES}
    assert asked == known - set(ALARMS)
    other = {one.name: one.asked_as for one in triggers().values() if one.asked_as}
    assert len(other) == 3
    assert set(other.values()) < known
    assert not set(other) & known


def test_the_table_is_the_sandboxs_own_list_read_independently() -> None:
    text = (ROOT / "lib/sandbox/data/webhook-triggers.csv").read_text(encoding="utf-8")
    rows = {row["trigger"]: row["target types"] for row in csv.DictReader(text.splitlines())}
    assert set(rows) == set(triggers())
    for name, kinds in rows.items():
        assert triggers()[name].targets == frozenset(kinds.split(";")) - {"none"}


def test_every_pair_names_types_of_events_that_there_are() -> None:
    for one in triggers().values():
        assert set(one.events + one.perhaps) <= set(categories())
        assert not set(one.events) & set(one.perhaps)
        if one.asked is Asked.NEVER:
            assert not has_event(one.name)


def test_the_kind_of_item_chooses_the_trigger() -> None:
    assert pair("DOWNLOAD", "file").sure == ("FILE.DOWNLOADED",)
    assert pair("DOWNLOAD", "folder").sure == ("FOLDER.DOWNLOADED",)
    assert set(pair("DOWNLOAD", None).sure) == {"FILE.DOWNLOADED", "FOLDER.DOWNLOADED"}
    assert pair("UPLOAD", "folder").sure == ()
    assert pair("UPLOAD", "folder").perhaps == ("FOLDER.CREATED",)
    assert not pair("DELETE", "web_link")
    assert not pair("LOGIN", None)
    assert "FILE.UPLOADED" not in offered("file")


def test_descriptions_hold_no_mark_of_what_was_inferred() -> None:
    text = files("lib.webhooks.manage").joinpath("data/triggers.csv").read_text(encoding="utf-8")
    assert "[" not in text
    assert all(one.description for one in triggers().values())


@given(st.text(max_size=40), st.none() | st.text(max_size=12))
def test_whatever_is_asked_for_has_an_answer(event_type: str, item_type: str | None) -> None:
    assert not pair(event_type, item_type) or event_type in categories()
    assert not has_event(event_type) or event_type in triggers()
