"""What the Credentials page keeps in a session, and what happens when a field is left.

An entered value is taken into the draft at once and its widget is replaced by an empty one, so that
neither the page nor a later message between browser and server repeats it. Callbacks live here, the
drawing lives in `credentials_view`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.app import current
from lib.box.settings.app_settings import MAX_BYTES, SettingsReport, parse_app_settings
from lib.credentials.draft import Brought, Draft, Part, profile_of, started
from lib.credentials.enterprises import EnterpriseRow
from lib.http.outcome import Outcome
from lib.settings.profiles import BOX_API_URL, BoxAuth, Profile
from lib.ui.components import words
from lib.ui.shell.frame import choose
from lib.ui.shell.leaving import cleared_with_profile
from lib.ui.shell.lost import Loss, lost_with_session
from lib.ui.shell.notices import tell
from lib.ui.shell.session import Own, drop, forget, state, value
from lib.ui.shell.session_lifetime import events_of, forget_stores


@dataclass(slots=True)
class CredentialEntry:
    """The session's draft and what was found out with it.

    `turns` numbers each widget's lives, `life` those of the whole entry: no widget comes back with
    what it held before it was emptied or forgotten.
    """

    draft: Draft = field(default_factory=Draft)
    life: int = 0
    turns: dict[str, int] = field(default_factory=dict)
    settings: SettingsReport | None = None
    settings_name: str = ""
    notice: str = ""
    file_problem: str = ""
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    enterprises: dict[str, tuple[EnterpriseRow, ...]] = field(default_factory=dict)
    refused_ids: tuple[str, ...] = ()

    def key(self, name: str) -> str:
        """The key of a widget in its present life."""
        return f"credentials.{name}.{self.life}.{self.turns.get(name, 0)}"

    def next_turn(self, name: str) -> None:
        """Give the widget a new life, empty."""
        self.turns[name] = self.turns.get(name, 0) + 1


def take_text(widget: str) -> str:
    """The text of a widget, which is emptied."""
    entry = state(CredentialEntry)
    key = entry.key(widget)
    text = value(key) or ""
    drop(key)
    entry.next_turn(widget)
    return str(text)


def take_upload(widget: str, max_bytes: int) -> tuple[str, bytes] | None:
    """Name and content of an uploaded file, which is deleted from the server's memory.

    At most `max_bytes` and one byte of it are read, so that the reader can tell it is too large.
    """
    entry = state(CredentialEntry)
    key = entry.key(widget)
    upload = value(key)
    drop(key)
    entry.next_turn(widget)
    if upload is None:
        return None
    name, data = str(upload.name), upload.read(max_bytes + 1)
    context = get_script_run_ctx()
    manager = context.uploaded_file_mgr if context is not None else None
    if context is not None and isinstance(manager, MemoryUploadedFileManager):
        manager.remove_file(context.session_id, upload.file_id)
    return name, data


def take_field(name: str) -> None:
    """A field was left with a new value."""
    text = take_text(name)
    if text:
        change(state(CredentialEntry).draft.put(name, text))


def clear_field(name: str) -> None:
    """A value is taken away."""
    entry = state(CredentialEntry)
    entry.next_turn(name)
    change(entry.draft.put(name, ""))


def take_settings_file() -> None:
    """A settings JSON was uploaded."""
    found = take_upload("settings.file", MAX_BYTES)
    if found is not None:
        _take_settings(found[1], found[0])


def take_settings_text() -> None:
    """The text of a settings JSON was pasted."""
    text = take_text("settings.text")
    if text.strip():
        _take_settings(text, "")


def _take_settings(content: str | bytes, name: str) -> None:
    entry = state(CredentialEntry)
    report = parse_app_settings(content, name or None)
    entry.settings, entry.settings_name = report, name
    if report.credentials is not None:
        change(entry.draft.with_box(report.credentials, Brought.SETTINGS_FILE))


def take_auth(auth: BoxAuth) -> None:
    """Another way to prove the app was chosen."""
    change(state(CredentialEntry).draft.with_auth(auth))


def use_addresses(api_url: str, account_url: str) -> None:
    """Take Box's addresses from the sandbox."""
    draft = state(CredentialEntry).draft.put("box.api_url", api_url, Brought.SANDBOX)
    change(draft.put("box.account_url", account_url, Brought.SANDBOX))


def change(draft: Draft) -> None:
    """Take a new draft; a complete one becomes the session's profile and the one in use.

    Other credentials are another profile with a key of its own, and what was read with the old one
    is forgotten: two enterprises never meet under one key.
    """
    entry, own = state(CredentialEntry), state(Own)
    entry.draft = draft = _with_sandbox_addresses(draft)
    entry.outcomes.clear()
    old, new = own.profile, profile_of(draft, label=label_of(draft))
    if old is not None and new is not None and _same(old, new):
        own.profile = replace(new, key=old.key)
        return
    own.profile = new
    if old is not None:
        entry.enterprises.pop(old.key, None)
        _forget_read(old.key, words.OTHER_CREDENTIALS)
    if new is not None:
        choose(new.key)


def _forget_read(key: str, why: str) -> None:
    """Drop what was read with a session profile, and say so if that was anything."""
    events = events_of(key)
    forget_stores(key)
    if events:
        tell(words.dropped(why, events), icon=":material/delete:")


def _with_sandbox_addresses(draft: Draft) -> Draft:
    """The sandbox's addresses for the sandbox's own apps, which Box doesn't know."""
    entry, runtime = state(CredentialEntry), current()
    box = runtime.sandbox.credentials.get("box") if runtime is not None else None
    entry.notice = ""
    if not box or draft.box.api_url != BOX_API_URL or not _is_of_sandbox(draft, box):
        return draft
    entry.notice = words.OF_SANDBOX
    return draft.put("box.api_url", str(box["api_url"]), Brought.SANDBOX).put(
        "box.account_url", str(box["account_url"]), Brought.SANDBOX
    )


def _is_of_sandbox(draft: Draft, box: Mapping[str, Any]) -> bool:
    ids = {
        box["config"]["boxAppSettings"]["clientID"],
        box["ccg"]["client_id"],
        box["oauth"]["client_id"],
    }
    token = draft.box.developer_token
    return draft.box.client_id in ids or (
        token is not None and token.reveal() == box["developer_token"]
    )


def _same(old: Profile, new: Profile) -> bool:
    """Whether what was read with the old profile may stand under the new one."""
    return old.box == new.box and old.kloudless in (None, new.kloudless)


def label_of(draft: Draft) -> str:
    """What the switcher calls it: nothing secret, nothing that was typed but an enterprise's ID."""
    if started(draft, Part.BOX) and draft.box.enterprise_id:
        return words.this_session(draft.box.enterprise_id)
    return words.THIS_SESSION


@cleared_with_profile
def _leave() -> str:
    """What was refused as an enterprise's ID was typed for the profile before."""
    state(CredentialEntry).refused_ids = ()
    return ""


@lost_with_session
def _lost() -> Loss | None:
    if state(CredentialEntry).draft.empty:
        return None
    return Loss(
        words.ENTERED_CREDENTIALS,
        words.ENTER_AGAIN,
        "credentials",
    )


def forget_now() -> None:
    """Everything that was entered, generated or read in this session is dropped."""
    own = state(Own)
    events = events_of(own.profile.key) if own.profile is not None else 0
    if own.profile is not None:
        forget_stores(own.profile.key)
    life = state(CredentialEntry).life
    forget(Own)
    for kind in _FORGOTTEN:
        forget(kind)
    state(CredentialEntry).life = life + 1
    tell(words.forgotten(events), icon=":material/delete_forever:")


_FORGOTTEN: list[type] = [CredentialEntry]


def also_forget(kind: type) -> None:
    """Make “Forget now” drop this dataclass of the session too."""
    if kind not in _FORGOTTEN:
        _FORGOTTEN.append(kind)
