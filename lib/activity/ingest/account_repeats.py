"""Noting which connected accounts tell the same actions, so that each action is counted once.

An admin account tells what everybody in its organisation does; who is in it, its team list says.
Without an admin account that can be read one person's account is counted, the first connected.
Source: Kloudless API reference (accounts, team, activity).
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from lib.activity.ingest.drain import coverage_body
from lib.activity.ingest.page_writer import Reading
from lib.activity.model.event import KLOUDLESS_STREAM
from lib.activity.model.repeats import BESIDE, COVERED
from lib.core.errors import KloudlessApiError
from lib.kloudless.client import KloudlessClient
from lib.store.ledger.inbox import EntryKind, NewEntry, Position
from lib.store.spans import Span

_TEAM: Final = "team"
_TEAM_AGE: Final = timedelta(hours=12)
_BOX: Final = "box"


def note_repeats(
    reading: Reading,
    client: KloudlessClient,
    accounts: Sequence[Mapping[str, Any]],
    since: Mapping[str, datetime],
    now: datetime,
) -> None:
    """Note up to now whose events aren't counted; `since` says from when an account was read."""
    box = sorted(
        (one for one in accounts if one.get("service", _BOX) == _BOX),
        key=lambda one: (str(one.get("created") or ""), account_id(one)),
    )
    left = list(box)
    admins = [one for one in box if one.get("admin") is True and account_id(one) in since]
    for admin in admins:
        if admin not in left:
            continue
        name = account_id(admin)
        others = [one for one in left if one is not admin]
        members = _team(reading, client, name, others, now)
        covered = others if members is None else _among(others, members)
        prefix = BESIDE if members is None else COVERED
        _note(reading, prefix, map(account_id, covered), Span(since[name], now, now))
        left = [one for one in others if one not in covered]
    if admins:
        return
    for named in left:
        if (name := account_id(named)) in since:
            beside = [account_id(one) for one in left if one is not named]
            _note(reading, BESIDE, beside, Span(min(since.values()), now, now))
            return


def leaders(reading: Reading, account_ids: Iterable[str]) -> dict[str, str]:
    """The admin account of the organisation of these accounts, by account, where it is known."""
    asked = list(account_ids)
    return {
        member: one.filter
        for one in reading.ledger.inbox.positions(reading.profile, reading.source, _TEAM)
        for member in json.loads(one.position or "{}").get("members") or ()
        if member in asked
    }


def note_named(
    reading: Reading, admins: Mapping[str, str], read: Collection[str], now: datetime
) -> None:
    """Note that what admin accounts told just now isn't counted of the members of their teams."""
    for member, admin in admins.items():
        stored = reading.ledger.inbox.position(
            reading.profile, reading.source, KLOUDLESS_STREAM, admin
        )
        if admin in read and stored is not None:
            _note(reading, COVERED, [member], Span(stored.at, now, now))


def account_id(account: Mapping[str, Any]) -> str:
    """The id of an account, as text."""
    return str(account.get("id") or "")


def _among(accounts: Sequence[Mapping[str, Any]], ids: frozenset[str]) -> list[Mapping[str, Any]]:
    return [one for one in accounts if account_id(one) in ids]


def _team(
    reading: Reading,
    client: KloudlessClient,
    admin: str,
    others: Sequence[Mapping[str, Any]],
    now: datetime,
) -> frozenset[str] | None:
    """Who of the others is in the team of an admin account, asked twice a day.

    None: it doesn't say.
    """
    if not others:
        return frozenset()
    stored = reading.ledger.inbox.position(reading.profile, reading.source, _TEAM, admin)
    ids = [account_id(one) for one in others]
    if stored is not None and now - stored.at < _TEAM_AGE:
        known = json.loads(stored.position or "{}")
        if set(ids) <= set(known["asked"]):
            return None if known["members"] is None else frozenset(known["members"])
    members = _members(client, admin, others)
    named = None if members is None else sorted(members)
    text = json.dumps({"asked": ids, "members": named})
    reading.ledger.inbox.acknowledge(
        position=Position(reading.profile, reading.source, _TEAM, admin, text, now)
    )
    return members


def _members(
    client: KloudlessClient, admin: str, others: Sequence[Mapping[str, Any]]
) -> frozenset[str] | None:
    try:
        team = _logins(client, admin)
        return frozenset(
            account_id(one)
            for one in others
            if str(one.get("account") or "").casefold() in team
            or (one.get("admin") is True and team & _logins(client, account_id(one)))
        )
    except KloudlessApiError:
        return None


def _logins(client: KloudlessClient, admin: str) -> frozenset[str]:
    return frozenset(
        str(user["email"]).casefold()
        for page in client.team_users(admin)
        for user in page.objects
        if user.get("email")
    )


def _note(reading: Reading, prefix: str, account_ids: Iterable[str], span: Span) -> None:
    if span.start >= span.end:
        return
    now = reading.clock()
    reading.ledger.inbox.acknowledge(
        [
            NewEntry(
                EntryKind.COVERAGE,
                reading.profile,
                reading.source,
                coverage_body(span, read_at=now, filter_=f"{prefix}{name}"),
                now,
            )
            for name in account_ids
        ]
    )
