"""Save a session's credentials: as an encrypted file, or as a block for secrets.toml.

The file is a header (magic, version, scrypt's costs, salt, nonce) and AES-256-GCM over JSON, with
the header as associated data, so that a changed byte anywhere is noticed. It never touches a disk:
bytes in, bytes out. A configured profile can't be exported: its secrets belong to the host.
Sources: RFC 7914 (scrypt), NIST SP 800-38D (GCM), TOML 1.0.
"""

import json
import os
import re
import struct
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.settings.profiles import (
    SANDBOX_KEY,
    BoxAuth,
    BoxCredentials,
    KloudlessCredentials,
    Profile,
    ProfileKind,
    session_profile,
)

MAX_BYTES: Final = 256 * 1024
"""The largest file that is looked at."""
MIN_PASSWORD: Final = 8
"""The shortest password that a new file may have, in characters."""

_MAGIC: Final = b"BOXRUNBOOK-PROFILE\n"
_VERSION: Final = 1
# magic, version, log2 of scrypt's N, r, p, salt, nonce
_HEADER: Final = struct.Struct(f">{len(_MAGIC)}sBBBB16s12s")
_TAG: Final = 16
_COST: Final = (15, 8, 1)  # 32 MiB and about a tenth of a second
_COST_LIMITS: Final = ((14, 17), (8, 8), (1, 4))  # 128 MiB at most

Random = Callable[[int], bytes]


def save(profile: Profile, password: str, *, random: Random = os.urandom) -> bytes:
    """The profile's label and credentials, encrypted. `random` gives that many random bytes.

    Raises ConfigurationError for a short password and for a profile that the host configured.
    """
    _refuse_configured(profile)
    if len(password) < MIN_PASSWORD:
        raise _wrong(
            "The password is too short.",
            "Anyone who finds the file can try passwords without limit, so at least "
            f"{MIN_PASSWORD} characters are required.",
            "Choose a longer one, such as four random words.",
        )
    header = _HEADER.pack(_MAGIC, _VERSION, *_COST, random(16), random(12))
    plain = json.dumps(_as_json(profile), ensure_ascii=True).encode()
    return header + AESGCM(_key(password, header)).encrypt(_nonce(header), plain, header)


def open_(data: bytes, password: str) -> Profile:
    """A session profile, under a new key, from a file that `save` made.

    Raises ConfigurationError for a foreign, truncated or changed file, one of a later version, and
    a wrong password; a changed file and a wrong password can't be told apart.
    """
    if len(data) > MAX_BYTES:
        raise _wrong(
            "The file is too large for a credential file.",
            f"It has {len(data):,} bytes; the limit is {MAX_BYTES:,}.",
            "Choose the file that you downloaded from the Credentials page.",
        )
    header = _checked_header(data)
    try:
        plain = AESGCM(_key(password, header)).decrypt(_nonce(header), data[_HEADER.size :], header)
    except InvalidTag:
        raise _wrong(
            "The credential file doesn't open.",
            "The password is wrong, or the file was changed or cut off after it was saved.",
            "Enter the password again. If it is certainly right, use another copy of the file.",
        ) from None
    try:
        return _from_json(json.loads(plain))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # The text of such an error may quote a value.
        raise _wrong(
            "The credential file opens, but its content can't be read.",
            "It may have been saved by another version of this app.",
            "Enter the credentials again and save a new file.",
        ) from None


def secrets_block(profile: Profile) -> str:
    """The profile as a block of TOML for .streamlit/secrets.toml; it reads back as the same values.

    Raises ConfigurationError for a profile that the host configured, and for a value that TOML
    can't hold (half of a surrogate pair).
    """
    _refuse_configured(profile)
    key = _settings_key(profile.label)
    lines = [f"[profiles.{key}]", f"label = {_toml(profile.label)}"]
    for half, values in _as_json(profile).items():
        if isinstance(values, dict):
            lines += ["", f"[profiles.{key}.{half}]"]
            lines += [f"{name} = {_toml(value)}" for name, value in values.items()]
    block = "\n".join([*lines, ""])
    try:
        block.encode()
    except UnicodeEncodeError:
        raise _wrong(
            "A value contains characters that a text file can't hold.",
            "It was probably damaged when it was pasted.",
            "Enter the credentials again.",
        ) from None
    return block


def _refuse_configured(profile: Profile) -> None:
    if profile.kind is ProfileKind.CONFIGURED:
        raise _wrong(
            f"The secrets of the profile {profile.label!r} can't be exported.",
            "The host configured this profile; its secrets stay on the server.",
            "Ask the host of this app.",
        )


def _as_json(profile: Profile) -> dict[str, Any]:
    tree: dict[str, Any] = {"label": profile.label}
    for half, credentials in (("box", profile.box), ("kloudless", profile.kloudless)):
        if credentials is not None:
            values = {
                f.name: _plain(f.name, getattr(credentials, f.name)) for f in fields(credentials)
            }
            tree[half] = {name: value for name, value in values.items() if value}
    return {name: value for name, value in tree.items() if value}


def _plain(name: str, value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    text = "" if value is None else str(value)
    return text.rstrip("/") if name.endswith("_url") else text


def _from_json(tree: Mapping[str, Any]) -> Profile:
    box, kloudless = tree.get("box"), tree.get("kloudless")
    return session_profile(
        label=str(tree.get("label", "")),
        box=replace(BoxCredentials(), **_values(box, BoxCredentials)) if box else None,
        kloudless=KloudlessCredentials(**_values(kloudless, KloudlessCredentials))
        if kloudless
        else None,
    )


def _values(
    table: Mapping[str, Any], kind: type[BoxCredentials] | type[KloudlessCredentials]
) -> dict[str, Any]:
    """The values as the dataclass has them. Unknown names, of a later version, are left out."""
    values: dict[str, Any] = {}
    for field in fields(kind):
        value = table.get(field.name)
        if not isinstance(value, str) or not value:
            continue
        if field.name == "auth":
            values[field.name] = BoxAuth(value)
        else:
            values[field.name] = Secret(value) if "Secret" in str(field.type) else value
    return values


def _checked_header(data: bytes) -> bytes:
    if not data.startswith(_MAGIC):
        if data and _MAGIC.startswith(data[: len(_MAGIC)]):
            raise _truncated()
        raise _wrong(
            "This isn't a credential file of this app.",
            "Its first bytes aren't those of such a file.",
            "Choose the file that you downloaded from the Credentials page; settings "
            "JSON and keys have their own fields there.",
        )
    if data[len(_MAGIC) : len(_MAGIC) + 1] > bytes([_VERSION]):
        raise _wrong(
            "The credential file comes from a later version of this app.",
            "This version doesn't know its format.",
            "Open it with the version that saved it, or enter the credentials again.",
        )
    if len(data) < _HEADER.size + _TAG:
        raise _truncated()
    header = data[: _HEADER.size]
    version, *cost = _HEADER.unpack(header)[1:5]
    allowed = all(
        low <= value <= high for value, (low, high) in zip(cost, _COST_LIMITS, strict=True)
    )
    if version != _VERSION or not allowed:
        raise _wrong(
            "The header of the credential file is damaged.",
            "Its key derivation settings aren't those of this app.",
            "Use another copy of the file, or enter the credentials again.",
        )
    return header


def _truncated() -> ConfigurationError:
    return _wrong(
        "The credential file is cut off.",
        "It ends too early.",
        "Use another copy of the file, or enter the credentials again.",
    )


def _key(password: str, header: bytes) -> bytes:
    log_n, block, parallel, salt = _HEADER.unpack(header)[2:6]
    # One password, one key, however the keyboard composed its letters.
    secret = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=32, n=1 << log_n, r=block, p=parallel).derive(secret)


def _nonce(header: bytes) -> bytes:
    nonce: bytes = _HEADER.unpack(header)[6]
    return nonce


def _settings_key(label: str) -> str:
    ascii_label = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", ascii_label).strip("-")[:40].strip("-")
    if key.startswith("session-") or key == SANDBOX_KEY:  # kept for the app's own profiles
        key = f"my-{key}"[:40].strip("-")
    return key or "my-box"


_PEM: Final = re.compile(r"(?:[A-Za-z0-9+/=:, -]*\n)+[A-Za-z0-9+/=:, -]*")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _toml(value: str) -> str:
    if len(value) > 80 and _PEM.fullmatch(value):  # noqa: PLR2004  # a key keeps its lines
        return f"'''\n{value}'''"
    return '"' + "".join(_toml_character(character) for character in value) + '"'


def _toml_character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if ord(character) < 0x20 or ord(character) == 0x7F:  # noqa: PLR2004  # control characters
        return f"\\u{ord(character):04x}"
    return character


def _wrong(message: str, cause: str, fix: str) -> ConfigurationError:
    return ConfigurationError(message, cause=cause, fix=fix, who=Who.YOU)
