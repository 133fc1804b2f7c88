"""Marks what this app sends itself, so that it never counts as Box's or Kloudless's.

The mark is a header with an HMAC of a fixed text, made with a key of the profile. A plain header
could be set by anybody on the way, and a list of sent ids is known to one process alone, while
`webhook send` is another one. Who has the keys can leave the mark out, but could sign anything.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from lib.activity.ingest.delivery_events import OWN_HEADER
from lib.core.redaction import Secret
from lib.core.signatures import Headers, gathered, mac, same
from lib.settings.profiles import Profile
from lib.webhooks.signing.sending import Outgoing

KEPT: Final = "yes"
"""What is kept of a mark that holds."""
_TEXT: Final = b"sent by Box Runbook"


def own_mark(keys: Iterable[Secret]) -> str:
    """The mark, made with the first of some keys; empty without any."""
    return next((mac(key, _TEXT) for key in keys), "")


def marked(outgoing: Outgoing, keys: Iterable[Secret]) -> Outgoing:
    """The delivery with the mark."""
    mark = own_mark(keys)
    if not mark:
        return outgoing
    return replace(outgoing, headers={**outgoing.headers, OWN_HEADER: mark})


def is_own(headers: Headers, keys: Iterable[Secret]) -> bool:
    """Whether a request bears a mark that one of the keys made."""
    given = gathered(headers, (OWN_HEADER,))[OWN_HEADER]
    return len(given) == 1 and any(same(given[0], mac(key, _TEXT)) for key in keys)


def keys_for_marks(profile: Profile) -> tuple[Secret, ...]:
    """All keys of a profile that sign deliveries."""
    box, kloudless = profile.box, profile.kloudless
    found = (
        box.webhook_primary_key if box else None,
        box.webhook_secondary_key if box else None,
        kloudless.api_key if kloudless else None,
    )
    return tuple(key for key in found if key)
