"""The verdict on one entered value, without calling anybody.

A verdict describes the shape of a value and never repeats it. Box documents the shape of few
fields, so a surprising shape is a warning and only what can't work is an error. Sources: Box
developer documentation (JWT without SDK, Client Credentials Grant), Box support article
360043691734 (the `sub` claim), the samples of Box's app settings file.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

import httpx

from lib.core.redaction import Secret
from lib.credentials.draft import FIELDS, Draft
from lib.http import Egress
from lib.http.faults import WireFault

_SAMPLE_ID_LENGTH: Final = 32
_KEY_ID: Final = re.compile(r"[a-z0-9]{8}")
_QUOTES: Final = "\u201c\u201d\u201e\u201f\u2018\u2019\u00ab\u00bb"  # curly and angled ones


class Level(StrEnum):
    """How a value looks."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The text beside a field: `text` says what was found, `fix` what to do about it."""

    level: Level
    text: str
    fix: str = ""


def judge(draft: Draft, name: str) -> Judgement:
    """The verdict on one value; `lib.box.keys` checks a key and its passphrase instead."""
    value = draft.value(name)
    text = value.reveal() if isinstance(value, Secret) else (value or "")
    if not text:
        return Judgement(Level.EMPTY, "Not set.")
    spec = FIELDS[name]
    if not spec.many_lines and spec.attribute != "passphrase":
        common = _common(text)
        if common:
            return common
    rule = _RULES.get(name)
    return rule(text, draft) if rule else Judgement(Level.OK, "Set.")


def reach(url: str, egress: Egress) -> Judgement | None:
    """Why a request to that address would be refused; None when it is allowed. Sends nothing."""
    try:
        egress.check(httpx.URL(url))
    except httpx.InvalidURL:
        return Judgement(Level.ERROR, "This isn't an address.", "Start with https://")
    except WireFault as fault:
        return Judgement(
            Level.ERROR,
            f"No request is sent there: {fault.detail}.",
            "Credentials entered in a session reach only Box's own hosts, the "
            "sandbox, and hosts that this app's host lists in access.allowed_hosts.",
        )
    return None


def _common(text: str) -> Judgement | None:
    if "-----BEGIN" in text:
        return Judgement(
            Level.ERROR, "This is a key in PEM form.", "Put it in the field for the private key."
        )
    if any(quote in text for quote in _QUOTES):
        return Judgement(
            Level.ERROR,
            "It contains typographic quotes.",
            "Copy the value again, without quotes around it.",
        )
    if text[:1] in "\"'" and text[-1:] == text[:1]:
        return Judgement(
            Level.ERROR, "It is wrapped in quotes.", "Enter the value without the quotes."
        )
    if re.search(r"\s", text):
        return Judgement(
            Level.ERROR,
            "It contains a space or line break.",
            "Copy the value again; it may contain parts of two values.",
        )
    if "…" in text or "..." in text:
        return Judgement(Level.ERROR, "It is cut off: it contains dots.", "Copy the whole value.")
    return None


def _client_value(text: str, draft: Draft, *, other: str, what: str) -> Judgement:
    other_value = draft.value(other)
    plain = other_value.reveal() if isinstance(other_value, Secret) else other_value
    if plain and plain == text:
        return Judgement(
            Level.ERROR,
            f"It is the same as the {FIELDS[other].label.lower()}.",
            "Copy both again; Box shows one above the other.",
        )
    if "@" in text:
        return Judgement(
            Level.ERROR, "It looks like an e-mail address.", f"Copy the {what} of the Box app."
        )
    if text.isdigit():
        return Judgement(
            Level.WARNING,
            "It contains only digits, like a user or enterprise ID.",
            f"Compare it with the {what} in the Developer Console.",
        )
    if len(text) != _SAMPLE_ID_LENGTH:
        return Judgement(
            Level.WARNING,
            f"It has {len(text)} characters; those in Box's samples have {_SAMPLE_ID_LENGTH}.",
            "If the call fails, copy it again.",
        )
    return Judgement(Level.OK, f"{_SAMPLE_ID_LENGTH} characters, as in Box's samples.")


def _client_id(text: str, draft: Draft) -> Judgement:
    return _client_value(text, draft, other="box.client_secret", what="client ID")


def _client_secret(text: str, draft: Draft) -> Judgement:
    return _client_value(text, draft, other="box.client_id", what="client secret")


def _public_key_id(text: str, _: Draft) -> Judgement:
    if _KEY_ID.fullmatch(text):
        return Judgement(Level.OK, "8 lower-case letters and digits, as in Box's samples.")
    return Judgement(
        Level.WARNING,
        "It isn't 8 lower-case letters and digits, as in Box's samples.",
        "Compare it with the ID beside the key in the Developer Console.",
    )


def _enterprise_id(text: str, draft: Draft) -> Judgement:
    if text == "0":
        return Judgement(
            Level.ERROR,
            "0 means that the developer account isn't part of an enterprise.",
            "Create the app in an account with an enterprise, such as a Box developer "
            "account, or enter the ID of the enterprise that authorized the app.",
        )
    if text == draft.box.client_id:
        return Judgement(
            Level.ERROR, "It is the same as the client ID.", "Enter the enterprise's own number."
        )
    return _number(text, "enterprise ID")


def _user_id(text: str, _: Draft) -> Judgement:
    return _number(text, "user ID")


def _number(text: str, what: str) -> Judgement:
    if "@" in text:
        return Judgement(
            Level.ERROR,
            "It looks like an e-mail address.",
            f"Box expects the {what}, which is a number.",
        )
    if not (text.isascii() and text.isdigit()):
        return Judgement(Level.ERROR, "It isn't a number.", f"A Box {what} has digits only.")
    return Judgement(Level.OK, "A number, as Box's IDs are.")


def _developer_token(_: str, __: Draft) -> Judgement:
    return Judgement(
        Level.WARNING,
        "Set. It stops working 60 minutes after it was created.",
        "Good for a first try; use JWT or CCG for anything permanent.",
    )


def _address(text: str, _: Draft) -> Judgement:
    parts = urlsplit(text)
    if parts.username or parts.password:
        return Judgement(
            Level.ERROR, "The address contains a user name.", "Enter the address without it."
        )
    if parts.query or parts.fragment:
        return Judgement(
            Level.ERROR,
            "The address continues after the path.",
            "Remove everything from ? or # on.",
        )
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return Judgement(Level.ERROR, "This isn't an address.", "Start with https://")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        return Judgement(
            Level.ERROR,
            "It would send the secret unencrypted.",
            "Start with https://. Plain http is allowed only for this computer.",
        )
    return Judgement(Level.OK, f"Requests go to {parts.hostname}.")


def _api_url(text: str, draft: Draft) -> Judgement:
    found = _address(text, draft)
    if found.level is Level.OK and urlsplit(text).path.rstrip("/").endswith(("/2.0", "/oauth2")):
        return Judgement(
            Level.ERROR,
            "The address must not include the API path.",
            "Omit /2.0 and /oauth2: they are added automatically.",
        )
    return found


def _base_url(text: str, draft: Draft) -> Judgement:
    found = _address(text, draft)
    if found.level is not Level.OK:
        return found
    parts = urlsplit(text)
    if not re.search(r"/v\d+$", parts.path):
        return Judgement(
            Level.ERROR, "The version is missing.", "The address ends in the version, such as /v1."
        )
    if parts.hostname == "api.kloudless.com":
        return Judgement(
            Level.WARNING,
            "Kloudless's own hosted service is reported to be off since 2023.",
            "Enter the address of your own appliance, or set up Box directly.",
        )
    return found


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _api_key(text: str, draft: Draft) -> Judgement:
    if text == draft.kloudless.app_id:
        return Judgement(
            Level.ERROR,
            "It is the same as the application ID.",
            "Copy the API key from the App Details page.",
        )
    return Judgement(Level.OK, "Set.")


def _app_id(text: str, draft: Draft) -> Judgement:
    key = draft.kloudless.api_key
    if key and key.reveal() == text:
        return Judgement(
            Level.ERROR,
            "It is the same as the API key.",
            "Copy the application ID from the App Details page.",
        )
    return Judgement(Level.OK, "Set.")


_RULES: Final[Mapping[str, Callable[[str, Draft], Judgement]]] = MappingProxyType(
    {
        "box.client_id": _client_id,
        "box.client_secret": _client_secret,
        "box.public_key_id": _public_key_id,
        "box.enterprise_id": _enterprise_id,
        "box.user_id": _user_id,
        "box.developer_token": _developer_token,
        "box.api_url": _api_url,
        "box.account_url": _address,
        "kloudless.base_url": _base_url,
        "kloudless.app_id": _app_id,
        "kloudless.api_key": _api_key,
    }
)
