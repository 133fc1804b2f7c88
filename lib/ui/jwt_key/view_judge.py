"""The JWT key page's first half: judge a key, make a pair, and the commands that do the same.

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
from lib.ui.components.credential_entry import Entry
from lib.ui.components.fields import secret_field
from lib.ui.components.outcome import definitions
from lib.ui.components.problems import ICONS, problem_list
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
    pair_is_wanted,
    take_config,
    take_key_file,
    take_key_text,
    take_passphrase,
    take_public,
    use_key,
    use_new_key,
)
from lib.ui.jwt_key.view_used import holds, words
from lib.ui.shell.frame import Context
from lib.ui.shell.navigation import page
from lib.ui.shell.session import of_profile, state

SIZES: Final = (2048, 3072, 4096)


def key_section(context: Context) -> None:
    """The key in use, a key to be judged, a new pair."""
    in_use, judge, make = st.tabs(["Key in use", "Judge a key", "Make a pair"])
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
            "The profile in use has no private key. Judge one you have, or make a pair.",
            icon=":material/key_off:",
        )
        return
    show_report("The key in use", report, key_id=box.public_key_id if box else "")


def show_report(name: str, report: KeyReport, *, key_id: str = "") -> None:
    """The verdict on a key: what it is, what is wrong, and its public half."""
    if report.ok:
        st.success(f"**{md(name)}** can sign for a Box app.", icon=":material/check_circle:")
    else:
        st.error(f"**{md(name)}** can't be used.", icon=":material/error:")
    problem_list(report.problems)
    rows = [("What it is", md(key_words(report)))]
    if key_id:
        rows.append(("Public key ID", md(key_id)))
    if report.fingerprint_sha256 or report.bits:
        definitions(rows)
    _fingerprint(report.fingerprint_sha256)
    if report.public_pem:
        with st.expander("Its public key, to compare with Box's console"):
            st.caption(
                "Box keeps this half. In the Developer Console it stands in your app's "
                "Configuration beside the Public Key ID."
            )
            st.code(report.public_pem, language=None)


def _fingerprint(sha256: str | None) -> None:
    if sha256:
        st.caption("SHA-256 of the public key")
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
        "Private key file",
        max_upload_size=1,
        key=key_of(FILE),
        on_change=take_key_file,
        help="PEM, DER, PKCS#12, OpenSSH, or Box's app settings JSON: whatever it is, it is "
        "named. It is read here and never sent.",
    )
    st.text_area(
        "Or paste it",
        key=key_of(TEXT),
        on_change=take_key_text,
        height=90,
        placeholder="-----BEGIN ENCRYPTED PRIVATE KEY-----",
        help="It is taken out of the box as soon as you leave it.",
    )
    secret_field(
        "Passphrase",
        exact=True,
        key=key_of(PASSPHRASE),
        on_change=take_passphrase,
        placeholder="Set. Enter another to replace it." if work.passphrase else "",
    )
    with st.expander("Compare with a public key"):
        _compare(box)


def _compare(box: BoxCredentials | None) -> None:
    st.text_area(
        "Public key that Box has",
        key=key_of(PUBLIC),
        on_change=take_public,
        height=90,
        placeholder="-----BEGIN PUBLIC KEY-----",
    )
    if box is not None and box.private_key is not None:
        st.toggle(
            "Compare with the key of the profile in use",
            key=of_profile("jwt.compare"),
            on_change=take_config,
            args=(box, of_profile("jwt.compare")),
        )


def _verdict(context: Context) -> None:
    work = state(KeyWork)
    if work.report is None:
        st.caption(
            "The verdict appears here: format, size, whether the passphrase opens it, the "
            "fingerprint, and the public key to compare with Box's console."
        )
        return
    show_report(work.name, work.report)
    with st.container(horizontal=True):
        if work.report.ok:
            st.button("Use it in my credentials", icon=":material/passkey:", on_click=use_key)
        st.button("Forget this key", type="tertiary", on_click=forget_key)
    _used(context, made=False)


def _used(context: Context, *, made: bool) -> None:
    """What became of the credentials when this key was put into them, and where they are."""
    used, draft = state(KeyWork).used, state(Entry).draft
    if used is None or used.made is not made or not holds(draft, used):
        return
    headline, *rest = words(used, draft, context.profile.label)
    with st.container(border=True, gap="xsmall", key=f"jwt.used.{made}"):
        st.markdown(f":green[:material/check_circle:] **{md(headline)}**")
        st.markdown(md(" ".join(rest)))
        there = page("credentials")
        if there is not None:
            st.page_link(
                there,
                label="Go to Credentials",
                icon=":material/arrow_forward:",
                query_params=context.links,
            )


def _make(context: Context) -> None:
    work = state(KeyWork)
    left, right = st.columns(2, gap="large")
    with left:
        secret_field("Passphrase for the new key", key=key_of(NEW_FIRST), exact=True)
        secret_field("Once more", key=key_of(NEW_SECOND), exact=True)
        bits = st.segmented_control(
            "Size in bits",
            SIZES,
            default=SIZES[0],
            required=True,
            key="jwt.bits",
            help="Box's guide uses 2048.",
        )
        st.button("Make a pair", type="primary", icon=":material/key:", on_click=ask_for_pair)
        if work.new_problem:
            st.caption(f"{ICONS[Level.ERROR]} {md(work.new_problem)}")
    with right:
        if pair_is_wanted():
            with st.spinner("Looking for two large primes…", show_time=True):
                make_pair(bits or SIZES[0])
        _new_pair(context)
    _commands(bits or SIZES[0])


def _new_pair(context: Context) -> None:
    work = state(KeyWork)
    if work.pair is None:
        st.caption(
            "The pair is made on this server and kept in this session's memory until you leave. "
            "Download both halves; Box gets the public one."
        )
        return
    pair = work.pair
    st.success("**A new pair.** Download both files now.", icon=":material/check_circle:")
    _fingerprint(pair.fingerprint_sha256)
    with st.container(horizontal=True):
        st.download_button(
            "Private key, encrypted",
            data=pair.private_pem.reveal,
            file_name="private_key.pem",
            mime="application/x-pem-file",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Public key",
            data=pair.public_pem.encode,
            file_name="public_key.pem",
            mime="application/x-pem-file",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            "Use it in my credentials",
            key="jwt.use_new",
            icon=":material/passkey:",
            on_click=use_new_key,
        )
    _used(context, made=True)
    st.markdown(
        "Next: add the public key to your app in the Developer Console, and note the **Public Key "
        "ID** that Box gives it."
    )
    with st.expander("The public key"):
        st.code(pair.public_pem, language=None)


def _commands(bits: int) -> None:
    with st.expander("The same at a terminal, with openssl"):
        for command in key_commands(bits):
            st.markdown(f"**{md(command.title)}**")
            st.code(command.line, language=None, wrap_lines=True)
            st.caption(md(command.note))
        st.markdown("**What the connector guide says, and its form today**")
        st.table(
            {
                "In the guide": [md(one.guide) for one in CORRECTIONS],
                "Today": [md(one.today) for one in CORRECTIONS],
            },
            hide_index=True,
            border="horizontal",
        )
