"""The sources of events: one record each, and which of them is counted for a profile.

The same action has another id in each source, so one source is counted at a time: the source of
record. Which one follows from the order in the records here, whoever asks.
Sources of what is said of senders: Box API reference (events, webhooks), Kloudless API reference
(activity): its events have an `id`, but that isn't unique.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lib.box.events import KEPT, Stream
from lib.settings.profiles import BoxAuth, Profile


class Source(StrEnum):
    """Where an event came from."""

    BOX_STREAM = "box_stream"
    BOX_USER_STREAM = "box_user_stream"
    BOX_WEBHOOK = "box_webhook"
    KLOUDLESS = "kloudless"
    IMPORT = "import"


class Api(StrEnum):
    """Whose shapes the events of a source have."""

    BOX = "box"
    KLOUDLESS = "kloudless"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What is said of a source in one place.

    `label` is its name inside a sentence. `kept` is how far back its sender can be asked (None: not
    asked, or not known). `rank` is its place among the sources of record, 1 first; None: never.
    """

    source: Source
    label: str
    api: Api
    rank: int | None
    kept: timedelta | None = None
    unique_ids: bool = True
    """Whether its sender gives each event an id of its own; else one is made of what it says."""
    delivered: bool = False
    """Whether an event of it is a delivery of a webhook."""


RECORDS: Final[Mapping[Source, SourceRecord]] = MappingProxyType(
    {
        record.source: record
        for record in (
            SourceRecord(
                Source.BOX_STREAM,
                "Box, the enterprise's event stream",
                Api.BOX,
                rank=1,
                kept=KEPT[Stream.ADMIN_LOGS],
            ),
            SourceRecord(
                Source.BOX_USER_STREAM,
                "Box, one user's event stream",
                Api.BOX,
                rank=3,
                kept=KEPT[Stream.ALL],
            ),
            # a view of its own: it tells what was subscribed to, never everything
            SourceRecord(Source.BOX_WEBHOOK, "Box webhooks", Api.BOX, rank=None, delivered=True),
            SourceRecord(Source.KLOUDLESS, "Kloudless", Api.KLOUDLESS, rank=2, unique_ids=False),
            SourceRecord(Source.IMPORT, "imported files", Api.BOX, rank=4),
        )
    }
)
RECORD_ORDER: Final[tuple[Source, ...]] = tuple(
    record.source
    for record in sorted(RECORDS.values(), key=lambda one: one.rank or 0)
    if record.rank is not None
)
"""The sources that can be counted, the one that is preferred first."""


def source_label(source: str) -> str:
    """The name of a source inside a sentence; an unknown one as it stands."""
    return RECORDS[Source(source)].label if source in RECORDS else source


def first_of_record(present: Iterable[str]) -> Source:
    """The source of record where these are present; the enterprise's stream where none is."""
    found = set(present)
    return next((one for one in RECORD_ORDER if one in found), Source.BOX_STREAM)


def source_read(profile: Profile) -> Source:
    """The source that is read for a profile, and so counted when nothing else came."""
    present = {Source.IMPORT}
    if profile.box is not None:
        one_user = profile.box.auth is BoxAuth.OAUTH and bool(profile.box.user_id)
        present.add(Source.BOX_USER_STREAM if one_user else Source.BOX_STREAM)
    elif profile.kloudless is not None:
        present.add(Source.KLOUDLESS)
    return first_of_record(present)
