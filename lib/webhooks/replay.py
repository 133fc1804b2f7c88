"""Replays a delivery: its body, signed with the current time, to this app or another address.

The sender's own signature is never stored and would be too old. An address must be https on a host
listed by the host of this app (`access.allowed_hosts`): a replay carries personal data, and is
signed with a real key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from lib.box.signatures import SignatureKeys
from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.settings.profiles import Profile
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.signing.own_mark import keys_for_marks, marked
from lib.webhooks.signing.sending import Outgoing, Sent, box_delivery, kloudless_delivery, post

MOST: Final = 50
"""How many are replayed at once."""
_HTTPS_PORT: Final = 443


class SignWith(StrEnum):
    """The key of a replay."""

    ALL = "all"
    """All that the profile has, as the sender would."""
    PRIMARY = "primary"
    SECONDARY = "secondary"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Signing:
    """With which key; `typed` is one that a person entered."""

    sign_with: SignWith = SignWith.ALL
    typed: Secret | None = None


def signed(kind: Kind, body: bytes, profile: Profile, signing: Signing, at: datetime) -> Outgoing:
    """The body as a new delivery, marked as this app's own.

    Raises ConfigurationError where the key is missing.
    """
    own_keys = keys_for_marks(profile)
    if kind is Kind.KLOUDLESS:
        own = None if profile.kloudless is None else profile.kloudless.api_key
        key = signing.typed if signing.sign_with is SignWith.TYPED else own
        if not key:
            raise _no_key("kloudless.api_key")
        return marked(kloudless_delivery(body, key), own_keys)
    keys = _keys(profile, signing)
    if not keys.known():
        raise _no_key("box.webhook_primary_key")
    return marked(box_delivery(body, keys, at), own_keys)


def keys_of(profile: Profile) -> SignatureKeys:
    """The two keys of a profile's Box app, as far as it has them."""
    credentials = profile.box
    if credentials is None:
        return SignatureKeys()
    return SignatureKeys(credentials.webhook_primary_key, credentials.webhook_secondary_key)


def _keys(profile: Profile, signing: Signing) -> SignatureKeys:
    own = keys_of(profile)
    match signing.sign_with:
        case SignWith.PRIMARY:
            return SignatureKeys(own.primary, None)
        case SignWith.SECONDARY:
            return SignatureKeys(None, own.secondary)
        case SignWith.TYPED:
            return SignatureKeys(signing.typed, None)
        case SignWith.ALL:
            return own


def send(outgoing: Outgoing, url: str, allowed_hosts: Iterable[str]) -> Sent:
    """Send a replay to another address.

    Raises ConfigurationError for one that isn't allowed, Unreachable without an answer.
    """
    allowed = tuple(allowed_hosts)
    check_address(url, allowed)
    return post(outgoing, url, allowed_hosts=allowed)


def check_address(url: str, allowed_hosts: Iterable[str]) -> None:
    """Raise ConfigurationError unless it is https on a host that is listed by name."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or _HTTPS_PORT
    except ValueError as error:
        raise _not_allowed("It isn't a valid URL.") from error
    if parts.scheme != "https" or not host:
        raise _not_allowed("It doesn't start with https://.")
    if parts.username or parts.password:
        raise _not_allowed("It contains a user name or password.")
    listed = {entry.strip().lower().rstrip(".") for entry in allowed_hosts}
    name = f"[{host}]" if ":" in host else host
    if not {host, name, f"{name}:{port}"} & listed:
        raise _not_allowed("Its host isn't in access.allowed_hosts.")


def _not_allowed(cause: str) -> ConfigurationError:
    return ConfigurationError(
        "A replay can't be sent to that address.",
        cause=cause,
        fix="Ask the host of this app to list it in access.allowed_hosts. It must be https.",
        who=Who.YOU,
    )


def _no_key(setting: str) -> ConfigurationError:
    return ConfigurationError(
        "There is no key to sign this with.",
        cause=f"The profile has no {setting}, or none was typed.",
        fix="Choose another key, type one, or add it to the profile.",
        who=Who.YOU,
    )
