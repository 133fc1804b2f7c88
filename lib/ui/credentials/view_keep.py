"""The Credentials page's last part: keep what was entered, or forget it.

A session forgets on reload. Credentials leave it only as a download that the person asked for: an
encrypted file, or a block for the host's secrets.toml. Neither is made before it is asked for, and
the run after a download lets Streamlit drop its copy.
"""

from dataclasses import fields, replace
from typing import Any, Final, TypeVar

import streamlit as st

from lib.app import current
from lib.core.errors import RunbookError
from lib.core.redaction import Secret
from lib.core.texts import md
from lib.credentials.draft import Brought, Part, complete, draft_of
from lib.credentials.fields import Level
from lib.credentials.profile_file import MAX_BYTES, MIN_PASSWORD, open_, save, secrets_block
from lib.settings.profiles import BoxCredentials, KloudlessCredentials, Profile
from lib.ui.components.credentials.credential_entry import (
    CredentialEntry,
    change,
    forget_now,
    take_text,
    take_upload,
)
from lib.ui.components.credentials.problems import ICONS
from lib.ui.components.fields import code_field, secret_field
from lib.ui.credentials import words
from lib.ui.shell.notices import tell
from lib.ui.shell.session import Own, state, value

Half = TypeVar("Half", BoxCredentials, KloudlessCredentials)
_FIRST: Final = "keep.first"
_SECOND: Final = "keep.second"
_OPEN_FILE: Final = "keep.open"
_OPEN_PASSWORD: Final = "keep.open_password"  # noqa: S105  # the name of a widget


def keep_section() -> None:
    """What a reload does, and three ways to keep or forget."""
    own = state(Own).profile
    st.caption(words.KEEP_NOTE)
    save, host, forget = st.columns(3, gap="medium", border=True)
    with save:
        st.markdown(words.KEEP_FILE)
        if own is not None:
            _save(own)
        _open()
    with host:
        st.markdown(words.KEEP_HOST)
        _host_block(own)
    with forget:
        st.markdown(words.FORGET)
        st.caption(words.FORGET_NOTE)
        st.button(
            words.FORGET_NOW,
            icon=":material/delete_forever:",
            disabled=own is None and state(CredentialEntry).draft.empty,
            on_click=forget_now,
        )


def _save(own: Profile) -> None:
    entry = state(CredentialEntry)
    first = secret_field(words.FILE_PASSWORD, key=entry.key(_FIRST), exact=True)
    second = secret_field(words.FILE_PASSWORD_AGAIN, key=entry.key(_SECOND), exact=True)
    problem = password_problem(first, second)
    if problem and (second or 0 < len(first) < MIN_PASSWORD):
        st.caption(f"{ICONS[Level.ERROR]} {md(problem)}")
    st.download_button(
        words.SAVE_FILE,
        data=lambda: save(_newest(own), first),
        file_name="box-runbook.profile",
        mime="application/octet-stream",
        icon=":material/lock:",
        on_click="ignore",  # a run of the page would take away what is being made
        disabled=bool(problem),
    )


def password_problem(first: str, second: str) -> str:
    """Why these two can't be the password; empty when they can."""
    if len(first) < MIN_PASSWORD:
        return words.password_too_short(MIN_PASSWORD)
    if first != second:
        return words.PASSWORDS_DIFFER
    return ""


def _open() -> None:
    entry = state(CredentialEntry)
    with st.expander(words.OPEN_FILE):
        st.file_uploader(words.FILE, type=["profile"], key=entry.key(_OPEN_FILE))
        secret_field(words.OPEN_PASSWORD, key=entry.key(_OPEN_PASSWORD), exact=True)
        st.button(
            words.OPEN,
            on_click=_open_file,
            disabled=not (value(entry.key(_OPEN_FILE)) and value(entry.key(_OPEN_PASSWORD))),
        )
    if entry.file_problem:
        st.caption(f"{ICONS[Level.ERROR]} {md(entry.file_problem)}")


def _open_file() -> None:
    entry = state(CredentialEntry)
    password = take_text(_OPEN_PASSWORD)
    found = take_upload(_OPEN_FILE, MAX_BYTES)
    entry.file_problem = ""
    if found is None:
        return
    try:
        profile = open_(found[1], password)
    except RunbookError as error:
        entry.file_problem = f"{error.message} {error.fix}"
        return
    draft = draft_of(profile, Brought.OPENED_FILE)
    change(draft)
    halves = [part.title() for part in Part if complete(draft, part)]
    tell(words.file_opened(halves) if halves else words.FILE_INCOMPLETE)


def _host_block(own: Profile | None) -> None:
    st.caption(words.BLOCK_NOTE)
    if own is None:
        st.caption(words.BLOCK_NEEDS)
        return
    name = code_field(
        words.PROFILE_NAME,
        value="acme",
        key="credentials.block_name",
        max_chars=40,
        validate=(r"^[a-z0-9][a-z0-9_-]*$", words.PROFILE_NAME_INVALID),
    )
    named = replace(own, label=name or "acme")
    st.download_button(
        words.SAVE_BLOCK,
        data=lambda: secrets_block(_newest(named)),
        file_name="secrets-block.toml",
        mime="text/plain",
        icon=":material/download:",
        on_click="ignore",  # as above
    )
    with st.expander(words.SHOW_BLOCK):
        st.code(secrets_block(without_secrets(named)), language=None)


def _newest(profile: Profile) -> Profile:
    """The profile with the newest refresh token, because each one works only once."""
    runtime = current()
    token = runtime.clients.refreshed(profile.key) if runtime is not None else None
    if token is None or profile.box is None:
        return profile
    return replace(profile, box=replace(profile.box, refresh_token=token))


def without_secrets(profile: Profile) -> Profile:
    """The profile with a placeholder in place of every secret."""
    return replace(
        profile,
        box=_hidden(profile.box) if profile.box else None,
        kloudless=_hidden(profile.kloudless) if profile.kloudless else None,
    )


def _hidden(credentials: Half) -> Half:
    hidden: dict[str, Any] = {
        spec.name: Secret(words.PLACEHOLDER)
        for spec in fields(credentials)
        if isinstance(getattr(credentials, spec.name), Secret)
    }
    return replace(credentials, **hidden)
