"""Kloudless's identifiers: opaque ones for files and folders, readable ones for people.

A file's or folder's id is `F` and URL-safe base64 of the encrypted upstream id, keyed per account,
so one Box file has a different id in each account; `ids.shared` is keyed per application and equal
in all. A user's id is `u`, a group's `g`, and base64 of the upstream id. Kloudless contract 2.10;
that the ids are encrypted and differ is documented, the letters are a convention of this sandbox.
"""

import base64
import binascii
import hashlib
import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

ROOT = "root"
ROOT_RAW = "0"
LONGEST = 8192
_RAW_ID = re.compile(r"[!-~]{1,512}")


class BadId(ValueError):
    """Text that is not an id of the kind asked for."""


class Sealer:
    """Turns upstream ids of files and folders into opaque ids and back, for one key."""

    def __init__(self, secret: str, name: str) -> None:
        self._key = hashlib.sha512(f"{secret}\n{name}".encode()).digest()

    @cached_property
    def _cipher(self) -> "AESSIV":
        from cryptography.hazmat.primitives.ciphers.aead import (  # noqa: PLC0415  # starts sooner
            AESSIV,
        )

        return AESSIV(self._key)

    def seal(self, kind: str, raw_id: str) -> str:
        """The opaque id of a `file` or `folder`; always the same for the same upstream id."""
        sealed = self._cipher.encrypt(f"{kind[:2]}:{raw_id}".encode(), None)
        return "F" + base64.urlsafe_b64encode(sealed).decode()

    def open(self, kind: str, opaque: str) -> str:
        """The upstream id. Raises BadId for an id of another account or kind, and for noise."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  # as above

        if not opaque.startswith("F") or len(opaque) > LONGEST:
            raise BadId(opaque[:40])
        try:
            sealed = base64.b64decode(opaque[1:], altchars=b"-_", validate=True)
            found, _, raw_id = self._cipher.decrypt(sealed, None).decode().partition(":")
        except (ValueError, InvalidTag) as error:
            raise BadId(opaque[:40]) from error
        if found != kind[:2]:
            raise BadId(opaque[:40])
        return raw_id


def person_id(raw_id: str) -> str:
    """The id of an upstream user."""
    return "u" + base64.urlsafe_b64encode(raw_id.encode()).decode()


def group_id(raw_id: str) -> str:
    """The id of an upstream group."""
    return "g" + base64.urlsafe_b64encode(raw_id.encode()).decode()


def raw_of(opaque: str, letter: str) -> str:
    """The upstream id inside a user's (`u`) or group's (`g`) id. Raises BadId."""
    if not opaque.startswith(letter) or len(opaque) > LONGEST:
        raise BadId(opaque[:40])
    try:
        raw_id = base64.b64decode(opaque[1:], altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise BadId(opaque[:40]) from error
    if not _RAW_ID.fullmatch(raw_id):
        raise BadId(opaque[:40])
    return raw_id
