"""Where a try leads: the first way on, and the others."""

from datetime import UTC, datetime
from typing import Any

from lib.core.errors import Who
from lib.credentials.draft import Part
from lib.credentials.first_call import kloudless_facts
from lib.http.outcome import Fault, Outcome
from lib.settings.profiles import (
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Profile,
    ProfileKind,
    session_profile,
)
from lib.ui.components.next_step import (
    ADMIN,
    CONNECT,
    CORRECT,
    FIND,
    KEPT,
    KEY,
    LIST,
    READ,
    ROAD,
    SEE,
    Next,
    ways_on,
)

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
GOOD = Outcome("works", ok=True, at=NOW, ms=1.0)
OWN = session_profile(box=BoxCredentials(auth=BoxAuth.JWT))
TOKEN = session_profile(box=BoxCredentials(auth=BoxAuth.DEVELOPER_TOKEN))
KLOUDLESS = session_profile(kloudless=KloudlessCredentials())
HOSTS = Profile("acme", "Acme", ProfileKind.CONFIGURED, BoxCredentials(auth=BoxAuth.JWT))


def bad(who: Who, cause: str = "") -> Outcome:
    fault = Fault("no", "why", "do", who.value, cause_id=cause)
    return Outcome("refused", ok=False, at=NOW, ms=1.0, fault=fault)


def connected(total: int) -> Outcome:
    first: dict[str, Any] | None = {"id": 1, "account": "a"} if total else None
    return Outcome("works", ok=True, at=NOW, ms=1.0, facts=kloudless_facts(total, first))


def test_each_outcome_leads_on() -> None:
    table: tuple[tuple[str, Profile, dict[Part, Outcome], bool, tuple[Next, ...]], ...] = (
        ("own", OWN, {Part.BOX: GOOD}, False, (READ, ROAD, LIST, KEPT)),
        ("read already", OWN, {Part.BOX: GOOD}, True, (SEE, ROAD, LIST, KEPT)),
        ("the host's", HOSTS, {Part.BOX: GOOD}, True, (SEE, ROAD, LIST)),
        ("nobody", KLOUDLESS, {Part.KLOUDLESS: connected(0)}, False, (CONNECT, ROAD, KEPT)),
        ("somebody", KLOUDLESS, {Part.KLOUDLESS: connected(2)}, False, (READ, ROAD, LIST, KEPT)),
        ("admin", OWN, {Part.BOX: bad(Who.BOX_ADMIN)}, False, (ADMIN, FIND)),
        ("no ids", TOKEN, {Part.BOX: bad(Who.BOX_ADMIN)}, False, (FIND,)),
        ("key", OWN, {Part.BOX: bad(Who.DEVELOPER, "token.signature")}, False, (KEY, FIND)),
        ("typed", OWN, {Part.BOX: bad(Who.YOU)}, False, (CORRECT, FIND)),
        ("not typed here", HOSTS, {Part.BOX: bad(Who.YOU)}, False, (FIND,)),
        ("network", OWN, {Part.BOX: bad(Who.NETWORK)}, True, (FIND,)),
        ("one half", OWN, {Part.BOX: GOOD, Part.KLOUDLESS: bad(Who.NETWORK)}, True, (FIND,)),
    )
    for name, profile, outcomes, has_events, ways in table:
        assert ways_on(profile, outcomes, has_events=has_events) == ways, name
