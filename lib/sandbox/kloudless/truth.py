"""The truth about Kloudless's activity: what a reader of every account must find, each action once.

The organisation's log tells all that its people did since its first event; what is older is in
people's own logs alone.
"""

from collections import Counter
from datetime import UTC
from typing import Any

from lib.sandbox.kloudless.feed import CollectedEvent
from lib.sandbox.kloudless.model import Account, Road
from lib.sandbox.kloudless.service import Kloudless

_EVERYTHING = 1_000_000


def tell(service: Kloudless) -> dict[str, Any]:
    """`events` (`total`, `by_day` in UTC) and `accounts`: how many events each gives."""
    listed = {
        account.id: _entries(service, account)
        for account in service.accounts_of(service.main_app)
        if account.service == "box" and account.enabled and account.upstream.road is not Road.NONE
    }
    admins = [one for one in listed if service.accounts[one].admin]
    counted = [entry for one in admins[:1] for entry in listed[one]]
    begin = min((entry.at for entry in counted), default=None)
    counted += [
        entry
        for one, entries in listed.items()
        if one not in admins[:1]
        for entry in entries
        if begin is None or entry.at < begin
    ]
    by_day = Counter(entry.at.astimezone(UTC).date().isoformat() for entry in counted)
    return {
        "events": {"total": len(counted), "by_day": dict(sorted(by_day.items()))},
        "accounts": {str(one): len(entries) for one, entries in sorted(listed.items())},
    }


def _entries(service: Kloudless, account: Account) -> tuple[CollectedEvent, ...]:
    found = next((one for one in service.subscriptions_of(account) if one.default), None)
    if found is None or not found.active:
        return ()
    return service.feed(account).page(None, _EVERYTHING, not_before=found.since).entries
