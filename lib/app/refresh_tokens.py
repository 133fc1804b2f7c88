"""The refresh token of a configured OAuth profile, kept over restarts and shared by processes.

Box takes each refresh token once and answers with the next one, so the one in the settings is spent
by the first renewal. The newest is kept in the data folder: AES-256-GCM in a file of mode 0600,
under a key that HKDF derives from the client secret and the configured refresh token. Whoever holds
the folder alone can't read it, and another token in the settings supersedes it. A renewal holds a
file lock from reading the token until the new one is on disk, so two processes never spend the same
one. A session's token is never written (`lib.box.tokens.grants.TokenInMemory`).
Sources: Box developer documentation (refresh token), RFC 5869 (HKDF), NIST SP 800-38D (GCM).
"""

import logging
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lib.app.locking import lock, unlock
from lib.core.errors import ConfigurationError, StoreError, Who
from lib.core.private_files import write_private
from lib.core.redaction import Secret
from lib.settings.profiles import Profile

MAX_BYTES: Final = 16 * 1024
_MAGIC: Final = b"BOXRUNBOOK-REFRESH-1\n"
_ID_SIZE: Final = 16
_KEY_SIZE: Final = 32
# magic, salt, nonce, id of the credentials that it belongs to
_HEADER: Final = struct.Struct(f">{len(_MAGIC)}s16s12s{_ID_SIZE}s")

Random = Callable[[int], bytes]

_log = logging.getLogger(__name__)


class _Damaged(Exception):
    """The file can't be read, or isn't what was written; carries no content."""


class KeptToken:
    """One profile's refresh token: the kept one if there is one, else the configured one.

    `note` says what was wrong with the file when it was last read; empty when nothing was.
    """

    def __init__(self, folder: Path, profile: Profile, *, random: Random = os.urandom) -> None:
        box = profile.box
        if box is None or not box.client_secret or not box.refresh_token:
            raise ConfigurationError(
                "box.client_secret or box.refresh_token isn't set.",
                cause="An OAuth profile needs both to get its tokens.",
                fix="Connect the app again: sign in to Box and grant access.",
                who=Who.YOU,
            )
        self._folder = folder
        self._file = folder / f"refresh-token.{profile.key}"
        self._name = profile.key
        self._client_id = box.client_id
        self._client_secret = box.client_secret
        self._configured = box.refresh_token
        self._random = random
        self._unsaved: Secret | None = None
        self.note = ""

    @contextmanager
    def turn(self) -> Iterator[Secret]:
        """The token to use; nobody else renews until the block ends.

        Raises StoreError when the data folder can't be written: before anything is spent.
        """
        with self._locked():
            yield self._unsaved or self._read() or self._configured

    def keep(self, token: Secret) -> None:
        """Put the new token in the place of the old one. Call it inside `turn()`.

        A disk that is full costs nothing but the next start: this process goes on with the token.
        """
        try:
            write_private(self._file, self._sealed(token), durable=True)
        except OSError as error:
            self._unsaved = token
            _log.error(
                "The new refresh token of the profile %s could not be stored (%s): it is lost when "
                "this process ends.",
                self._name,
                error.strerror,
            )
        else:
            self._unsaved = None
            self.note = ""

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            existing = lock(self._file.with_name(f"{self._file.name}.lock"), wait=True)
        except OSError as error:
            raise _unwritable(self._name, error) from error
        try:
            yield
        finally:
            if existing is not None:
                unlock(existing)

    def _read(self) -> Secret | None:
        self.note = ""
        try:
            data = self._file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._set_aside(f"can't be opened: {error.strerror}")
            return None
        try:
            return self._opened(data)
        except _Damaged:
            self._set_aside("is damaged")
            return None

    def _set_aside(self, why: str) -> None:
        self.note = (
            f"The stored refresh token of this profile {why}, so the configured one was used. It "
            "works only if it was never used before."
        )
        _log.warning("Profile %s: %s", self._name, self.note)

    def _opened(self, data: bytes) -> Secret | None:
        """The token; None when it belongs to other credentials than the configured ones."""
        if len(data) > MAX_BYTES or len(data) <= _HEADER.size or not data.startswith(_MAGIC):
            raise _Damaged
        header = data[: _HEADER.size]
        _, salt, nonce, owner = _HEADER.unpack(header)
        mine, key = self._derived(salt)
        if owner != mine:
            _log.info("Profile %s was authorized again: the stored token is dropped.", self._name)
            return None
        try:
            return Secret(AESGCM(key).decrypt(nonce, data[_HEADER.size :], header).decode())
        except (InvalidTag, UnicodeDecodeError) as error:
            raise _Damaged from error

    def _sealed(self, token: Secret) -> bytes:
        salt, nonce = self._random(16), self._random(12)
        mine, key = self._derived(salt)
        header = _HEADER.pack(_MAGIC, salt, nonce, mine)
        return header + AESGCM(key).encrypt(nonce, token.reveal().encode(), header)

    def _derived(self, salt: bytes) -> tuple[bytes, bytes]:
        """An id that names the credentials without telling them, and the key."""
        parts = (self._client_secret.reveal().encode(), self._configured.reveal().encode())
        secret = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        info = f"box-runbook refresh token\0{self._name}\0{self._client_id}".encode()
        both = HKDF(hashes.SHA256(), _ID_SIZE + _KEY_SIZE, salt, info).derive(secret)
        return both[:_ID_SIZE], both[_ID_SIZE:]


def _unwritable(name: str, error: OSError) -> StoreError:
    return StoreError(
        f"The refresh token of the profile {name} can't be stored.",
        cause=f"The data folder can't be written: {error.strerror}. Using the token now would "
        "use it up.",
        fix="Make the data folder writable for this app, or choose another with BOX_RUNBOOK_DATA.",
        who=Who.YOU,
    )
