"""The Credentials page's first half: the entered values, and the verdict on each.

Draws only. No value is ever put into a widget or a text: a field that is set says so and stays
empty.
"""

import json
from collections.abc import Sequence
from functools import partial

import streamlit as st

from lib.core.texts import md
from lib.credentials.draft import (
    ADDRESSES,
    FIELDS,
    KLOUDLESS,
    WEBHOOK_KEYS,
    Part,
    box_fields,
    missing,
    required,
    started,
)
from lib.credentials.fields import Judgement, Level, judge, reach
from lib.credentials.key_verdict import key_judgements
from lib.http import Egress
from lib.settings.profiles import BoxAuth, ProfileKind, session_profile
from lib.ui.components.credentials.credential_entry import (
    CredentialEntry,
    clear_field,
    take_auth,
    take_field,
    take_settings_file,
    take_settings_text,
    use_addresses,
)
from lib.ui.components.credentials.problems import ICONS, problem_list
from lib.ui.components.fields import code_field, secret_field
from lib.ui.credentials import words
from lib.ui.credentials.view_oauth import sign_in
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, state, value


def note(judgement: Judgement, origin: str = "") -> None:
    """The verdict beside a field: an icon, what we see, what to do, where the value came from."""
    parts = [f"{ICONS[judgement.level]} {md(judgement.text)}"]
    if judgement.fix:
        parts.append(md(judgement.fix))
    if origin:
        parts.append(f"· {md(origin)}")
    st.caption(" ".join(parts))


def entry_section(context: Context) -> None:
    """Tabs for a Box app, a Kloudless application, and what is rarely needed."""
    box, kloudless, more = st.tabs([words.BOX_TAB, words.KLOUDLESS_TAB, words.MORE_TAB])
    with box:
        _box_tab(context)
    with kloudless:
        st.caption(words.KLOUDLESS_NOTE)
        _fields(context, KLOUDLESS, required_names=KLOUDLESS)
        _still_needed(Part.KLOUDLESS)
    with more:
        _sandbox_addresses(context)
        _fields(context, ADDRESSES)
        st.caption(words.WEBHOOK_KEYS_NOTE)
        _fields(context, WEBHOOK_KEYS)


def _box_tab(context: Context) -> None:
    entry = state(CredentialEntry)
    auth = entry.draft.box.auth
    key = "credentials.auth"
    seed(key, auth)
    st.segmented_control(
        words.AUTH,
        list(words.AUTHS),
        format_func=lambda one: words.AUTHS[one],
        key=key,
        required=True,
        on_change=lambda: take_auth(value(key)),
    )
    st.caption(words.ABOUT_AUTH[auth])
    if auth is BoxAuth.JWT:
        _settings_json(context)
    _fields(context, box_fields(auth), required_names=required(auth))
    if auth is BoxAuth.OAUTH:
        sign_in(context, _session_egress(context))
    if entry.notice:
        st.markdown(f":blue[:material/info:] {md(entry.notice)}")
    _still_needed(Part.BOX)


def _settings_json(context: Context) -> None:
    entry = state(CredentialEntry)
    with st.container(border=True):
        st.file_uploader(
            words.SETTINGS_FILE,
            type=["json", "txt"],
            max_upload_size=1,
            key=entry.key("settings.file"),
            on_change=take_settings_file,
            help=words.SETTINGS_FILE_HELP,
        )
        with st.expander(words.PASTE):
            st.text_area(
                words.SETTINGS_TEXT,
                key=entry.key("settings.text"),
                on_change=take_settings_text,
                height=120,
                placeholder='{"boxAppSettings": {…}, "enterpriseID": "…"}',
            )
        _settings_verdict(entry)
        config = context.runtime.sandbox.credentials.get("box", {}).get("config")
        if config and entry.settings is None and context.profile.kind is ProfileKind.SANDBOX:
            st.download_button(
                words.SANDBOX_FILE,
                data=lambda: json.dumps(config, indent=2),
                file_name="sandbox_config.json",
                mime="application/json",
                type="tertiary",
                icon=":material/download:",
                on_click="ignore",
            )


def _settings_verdict(entry: CredentialEntry) -> None:
    report = entry.settings
    if report is None:
        return
    name = md(entry.settings_name) or words.PASTED
    if report.ok:
        st.markdown(f"{ICONS[Level.OK]} {words.settings_read(name)}")
    else:
        st.markdown(f"{ICONS[Level.ERROR]} {words.settings_refused(name)}")
    problem_list(report.problems)


def _fields(context: Context, names: Sequence[str], *, required_names: Sequence[str] = ()) -> None:
    short = [name for name in names if not FIELDS[name].many_lines]
    left, right = st.columns(2, gap="medium")
    for index, name in enumerate(short):
        with left if index % 2 == 0 else right:
            _field(context, name, optional=bool(required_names) and name not in required_names)
    for name in names:
        if FIELDS[name].many_lines:
            _field(context, name, optional=name not in required_names)


def _field(context: Context, name: str, *, optional: bool) -> None:
    entry = state(CredentialEntry)
    spec, draft = FIELDS[name], entry.draft
    is_set = name in draft.brought
    label = words.optional(spec.label) if optional else spec.label
    hint = words.REPLACE if is_set else spec.placeholder
    if spec.many_lines:
        st.text_area(
            label,
            key=entry.key(name),
            help=spec.help,
            placeholder=hint,
            height=90,
            on_change=take_field,
            args=(name,),
        )
    else:
        field = code_field
        if spec.secret:
            field = partial(secret_field, exact=spec.attribute == "passphrase")
        field(
            label,
            key=entry.key(name),
            help=spec.help,
            placeholder=hint,
            on_change=take_field,
            args=(name,),
        )
    judgement = _judgement(context, name)
    if judgement.level is Level.EMPTY and not is_set:
        return
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        note(judgement, str(draft.brought.get(name, "")))
        if is_set:
            st.button(
                words.CLEAR,
                key=f"{entry.key(name)}.clear",
                type="tertiary",
                help=words.clear_field(spec.label),
                on_click=clear_field,
                args=(name,),
            )


def _judgement(context: Context, name: str) -> Judgement:
    draft = state(CredentialEntry).draft
    if name in ("box.private_key", "box.passphrase"):
        key, passphrase = key_judgements(draft.box.private_key, draft.box.passphrase)
        return key if name == "box.private_key" else passphrase
    found = judge(draft, name)
    if found.level is Level.OK and name in (*ADDRESSES, "kloudless.base_url"):
        return reach(str(draft.value(name)), _session_egress(context)) or found
    return found


def _session_egress(context: Context) -> Egress:
    return Egress.for_profile(
        session_profile(),
        allowed_hosts=context.runtime.settings.access.allowed_hosts,
        sandbox_url=context.runtime.sandbox.url,
    )


def _still_needed(part: Part) -> None:
    draft = state(CredentialEntry).draft
    lacking = missing(draft, part)
    if not started(draft, part):
        return
    if lacking:
        st.markdown(f"{ICONS[Level.EMPTY]} {words.still_needed(lacking)}")
    else:
        st.markdown(f"{ICONS[Level.OK]} {words.COMPLETE}")


def _sandbox_addresses(context: Context) -> None:
    box = context.runtime.sandbox.credentials.get("box")
    if not box:
        return
    st.button(
        words.SANDBOX_ADDRESSES,
        icon=":material/science:",
        on_click=use_addresses,
        args=(str(box["api_url"]), str(box["account_url"])),
        help=words.SANDBOX_ADDRESSES_HELP,
    )
