"""The JWT key page's first half: check a key, generate a pair, and the same with openssl.

Draws only. Private key and passphrase never become a text of the page.
"""

from typing import Final

import streamlit as st

from lib.box.key_inspection import KeyReport
from lib.core.texts import md
from lib.credentials.fields import Level
from lib.credentials.guide_commands import CORRECTIONS, key_commands
from lib.credentials.key_verdict import key_words
from lib.settings.profiles import BoxCredentials
from lib.ui.components.credentials.credential_entry import CredentialEntry
from lib.ui.components.credentials.problems import ICONS, problem_list
from lib.ui.components.fields import secret_field
from lib.ui.components.outcome import definitions
from lib.ui.jwt_key import words
from lib.ui.jwt_key.state import (
    FILE,
    NEW_FIRST,
    NEW_SECOND,
    PASSPHRASE,
    PUBLIC,
    TEXT,
    KeyWork,
    ask_for_pair,
    forget_key,
    key_in_use,
    key_of,
    make_pair,
    pair_is_requested,
    take_config,
    take_key_file,
    take_key_text,
    take_passphrase,
    take_public,
    use_key,
    use_new_key,
)
from lib.ui.jwt_key.view_used import holds, sentences
from lib.ui.shell.frame import Context
from lib.ui.shell.navigation import page
from lib.ui.shell.session import of_profile, state

SIZES: Final = (2048, 3072, 4096)


def key_section(context: Context) -> None:
    """The key in use, a key to check, a new pair."""
    in_use, judge, make = st.tabs([words.IN_USE_TAB, words.CHECK_TAB, words.GENERATE_TAB])
    with in_use:
        _in_use(context.profile.box)
    with judge:
        _judge(context)
    with make:
        _make(context)


def _in_use(box: BoxCredentials | None) -> None:
    report = key_in_use(box)
    if report is None:
        st.info(
            words.NO_KEY,
            icon=":material/key_off:",
        )
        return
    show_report(words.KEY_IN_USE, report, key_id=box.public_key_id if box else "")


def show_report(name: str, report: KeyReport, *, key_id: str = "") -> None:
    """The verdict on a key: what it is, what is wrong, and its public half."""
    if report.ok:
        st.success(words.usable(md(name)), icon=":material/check_circle:")
    else:
        st.error(words.unusable(md(name)), icon=":material/error:")
    problem_list(report.problems)
    rows = [(words.WHAT_IT_IS, md(key_words(report)))]
    if key_id:
        rows.append((words.PUBLIC_KEY_ID, md(key_id)))
    if report.fingerprint_sha256 or report.bits:
        definitions(rows)
    _fingerprint(report.fingerprint_sha256)
    if report.public_pem:
        with st.expander(words.ITS_PUBLIC_KEY):
            st.caption(words.ITS_PUBLIC_KEY_NOTE)
            st.code(report.public_pem, language=None)


def _fingerprint(sha256: str | None) -> None:
    if sha256:
        st.caption(words.FINGERPRINT)
        st.code(sha256, language=None, wrap_lines=True)


def _judge(context: Context) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        _hand_in(context.profile.box)
    with right:
        _verdict(context)


def _hand_in(box: BoxCredentials | None) -> None:
    work = state(KeyWork)
    st.file_uploader(
        words.FILE,
        max_upload_size=1,
        key=key_of(FILE),
        on_change=take_key_file,
        help=words.FILE_HELP,
    )
    st.text_area(
        words.PASTE,
        key=key_of(TEXT),
        on_change=take_key_text,
        height=90,
        placeholder="-----BEGIN ENCRYPTED PRIVATE KEY-----",
        help=words.PASTE_HELP,
    )
    secret_field(
        words.PASSPHRASE,
        exact=True,
        key=key_of(PASSPHRASE),
        on_change=take_passphrase,
        placeholder=words.REPLACE if work.passphrase else "",
    )
    with st.expander(words.COMPARE):
        _compare(box)


def _compare(box: BoxCredentials | None) -> None:
    st.text_area(
        words.BOX_PUBLIC_KEY,
        key=key_of(PUBLIC),
        on_change=take_public,
        height=90,
        placeholder="-----BEGIN PUBLIC KEY-----",
    )
    if box is not None and box.private_key is not None:
        st.toggle(
            words.COMPARE_IN_USE,
            key=of_profile("jwt.compare"),
            on_change=take_config,
            args=(box, of_profile("jwt.compare")),
        )


def _verdict(context: Context) -> None:
    work = state(KeyWork)
    if work.report is None:
        st.caption(words.NO_VERDICT)
        return
    show_report(work.name, work.report)
    with st.container(horizontal=True):
        if work.report.ok:
            st.button(words.USE_KEY, icon=":material/passkey:", on_click=use_key)
        st.button(words.FORGET_KEY, type="tertiary", on_click=forget_key)
    _used(context, made=False)


def _used(context: Context, *, made: bool) -> None:
    """What changed when this key was put into the credentials, and a link to them."""
    used, draft = state(KeyWork).used, state(CredentialEntry).draft
    if used is None or used.made is not made or not holds(draft, used):
        return
    headline, *rest = sentences(used, draft, context.profile.label)
    with st.container(border=True, gap="xsmall", key=f"jwt.used.{made}"):
        st.markdown(f":green[:material/check_circle:] **{md(headline)}**")
        st.markdown(md(" ".join(rest)))
        there = page("credentials")
        if there is not None:
            st.page_link(
                there,
                label=words.GO_TO_CREDENTIALS,
                icon=":material/arrow_forward:",
                query_params=context.links,
            )


def _make(context: Context) -> None:
    work = state(KeyWork)
    left, right = st.columns(2, gap="large")
    with left:
        secret_field(words.NEW_PASSPHRASE, key=key_of(NEW_FIRST), exact=True)
        secret_field(words.NEW_PASSPHRASE_AGAIN, key=key_of(NEW_SECOND), exact=True)
        bits = st.segmented_control(
            words.BITS,
            SIZES,
            default=SIZES[0],
            required=True,
            key="jwt.bits",
            help=words.BITS_HELP,
        )
        st.button(words.GENERATE, type="primary", icon=":material/key:", on_click=ask_for_pair)
        if work.new_problem:
            st.caption(f"{ICONS[Level.ERROR]} {md(work.new_problem)}")
    with right:
        if pair_is_requested():
            with st.spinner(words.GENERATING, show_time=True):
                make_pair(bits or SIZES[0])
        _new_pair(context)
    _commands(bits or SIZES[0])


def _new_pair(context: Context) -> None:
    work = state(KeyWork)
    if work.pair is None:
        st.caption(words.PAIR_NOTE)
        return
    pair = work.pair
    st.success(words.NEW_PAIR, icon=":material/check_circle:")
    _fingerprint(pair.fingerprint_sha256)
    with st.container(horizontal=True):
        st.download_button(
            words.PRIVATE_KEY,
            data=pair.private_pem.reveal,
            file_name="private_key.pem",
            mime="application/x-pem-file",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            words.PUBLIC_KEY,
            data=pair.public_pem.encode,
            file_name="public_key.pem",
            mime="application/x-pem-file",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            words.USE_KEY,
            key="jwt.use_new",
            icon=":material/passkey:",
            on_click=use_new_key,
        )
    _used(context, made=True)
    st.markdown(words.PAIR_NEXT)
    with st.expander(words.PUBLIC_KEY_HEADING):
        st.code(pair.public_pem, language=None)


def _commands(bits: int) -> None:
    with st.expander(words.COMMANDS):
        for command in key_commands(bits):
            st.markdown(f"**{md(command.title)}**")
            st.code(command.line, language=None, wrap_lines=True)
            st.caption(md(command.note))
        st.markdown(words.CORRECTIONS)
        st.table(
            {
                words.IN_GUIDE: [md(one.guide) for one in CORRECTIONS],
                words.TODAY: [md(one.today) for one in CORRECTIONS],
            },
            hide_index=True,
            border="horizontal",
        )
