"""The Credentials page's second half: the profile in use, “Try it”, and several enterprises."""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.core.texts import md
from lib.credentials.calls import enterprise_prover, open_line, try_box, try_kloudless
from lib.credentials.draft import (
    ADDRESSES,
    FIELDS,
    KLOUDLESS,
    Part,
    box_fields,
    complete,
    missing,
    origin_words,
    started,
)
from lib.credentials.enterprises import (
    ADMIN_STEP,
    EnterpriseRow,
    Standing,
    ask,
    hand_over,
    parse_ids,
)
from lib.credentials.fields import Level
from lib.settings.profiles import BoxAuth, BoxCredentials, Profile
from lib.ui.components.credentials.credential_entry import CredentialEntry
from lib.ui.components.credentials.problems import ICONS
from lib.ui.components.fields import code_field
from lib.ui.components.next_step import next_steps
from lib.ui.components.outcome import show_outcome, verbatim
from lib.ui.credentials import words
from lib.ui.credentials.view_sign_in_again import again_section
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, choose, egress_of
from lib.ui.shell.session import Own, of_profile, state

_STANDINGS: Final = {
    Standing.AUTHORIZED: Level.OK,
    Standing.REFUSED: Level.ERROR,
    Standing.NO_ANSWER: Level.WARNING,
    Standing.UNKNOWN: Level.EMPTY,
}


def try_section(context: Context) -> None:
    """The profile in use and the source of each value; a button, and its outcome."""
    profile = context.profile
    left, right = st.columns([2, 3], gap="large")
    with left:
        kind = words.PRACTICE if context.rehearsing else words.KINDS[profile.kind]
        st.markdown(words.in_use(md(profile.label), kind))
        origins(profile)
    with right:
        pressed = st.button(
            words.TRY_IT,
            type="primary",
            icon=":material/bolt:",
            help=words.TRY_HELP,
        )
        _which_is_tried(context)
        if pressed:
            _try(context)
        outcomes = state(CredentialEntry).outcomes
        shown = {Part(part): one for (key, part), one in outcomes.items() if key == profile.key}
        for outcome in shown.values():
            show_outcome(outcome)
        if shown:
            next_steps(context, shown)
        else:
            st.caption(words.TRY_NOTE)
        again_section(context)


def _which_is_tried(context: Context) -> None:
    """Say when the profile in use isn't the entered one."""
    draft, own = state(CredentialEntry).draft, state(Own).profile
    if own is not None and own.key != context.profile.key:
        st.caption(f"{ICONS[Level.WARNING]} {words.NOT_IN_USE}")
        st.button(words.USE_MINE, on_click=choose, args=(own.key,))
    for part in Part:
        if started(draft, part) and not complete(draft, part):
            lacking = missing(draft, part)
            st.caption(f"{ICONS[Level.WARNING]} {words.not_tried(part.title(), lacking)}")


def _try(context: Context) -> None:
    profile, outcomes = context.profile, state(CredentialEntry).outcomes
    with boundary(), st.spinner(words.ASKING, show_time=True):
        if profile.box is not None:
            line = open_line(egress_of(context))
            with line.http:
                tokens = context.runtime.clients.refresh_tokens(profile)
                outcomes[profile.key, "box"] = try_box(line, profile.box, refresh_tokens=tokens)
        if profile.kloudless is not None:
            line = open_line(egress_of(context))
            with line.http:
                outcomes[profile.key, "kloudless"] = try_kloudless(line, profile.kloudless)


def origins(profile: Profile) -> None:
    """Every value of a profile: that it is set and where it came from, never its content."""
    names: list[str] = []
    if profile.box is not None:
        names += [*box_fields(profile.box.auth), *ADDRESSES]
    if profile.kloudless is not None:
        names += KLOUDLESS
    draft = state(CredentialEntry).draft
    holders = {"box": profile.box, "kloudless": profile.kloudless}
    rows = []
    for name in names:
        spec = FIELDS[name]
        is_set = bool(getattr(holders[spec.part], spec.attribute))
        where = origin_words(profile, name, draft) if is_set else words.NOT_SET
        rows.append((spec.part.title(), spec.label, where))
    st.table(
        {
            words.PART: [row[0] for row in rows],
            words.VALUE: [row[1] for row in rows],
            words.ORIGIN: [row[2] for row in rows],
        },
        hide_index=True,
        border="horizontal",
    )


def enterprises_section(context: Context) -> None:
    """Which enterprises have authorized the app, proved by a token for each."""
    box = context.profile.box
    if box is None or box.auth not in (BoxAuth.JWT, BoxAuth.CCG):
        st.caption(words.ENTERPRISES_NOTE)
        return
    entry = state(CredentialEntry)
    with st.form("credentials.enterprises", border=False):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        with left:
            text = code_field(
                words.ENTERPRISE_IDS,
                key=of_profile("credentials.enterprise_ids"),
                in_form=True,
                placeholder="1234567, 7654321",
                help=words.ENTERPRISE_IDS_HELP,
            )
        asked = right.form_submit_button(words.ASK_BOX, width="stretch")
    if asked:
        ids, entry.refused_ids = parse_ids(text or box.enterprise_id)
        _ask(context, box, ids)
    if entry.refused_ids:
        st.caption(
            f"{ICONS[Level.ERROR]} {words.not_enterprise_ids(md(', '.join(entry.refused_ids)))}"
        )
    rows = entry.enterprises.get(context.profile.key)
    if rows:
        _enterprise_table(rows)
        _hand_over(box, rows)


def _ask(context: Context, box: BoxCredentials, ids: tuple[str, ...]) -> None:
    entry = state(CredentialEntry)
    bar = st.progress(0.0, words.ASKING_BOX)
    line = open_line(egress_of(context))
    with boundary(), line.http:
        entry.enterprises[context.profile.key] = ask(
            ids,
            enterprise_prover(line, box),
            now=lambda: datetime.now(UTC),
            on_progress=lambda done, every: bar.progress(done / every, words.done_of(done, every)),
        )
    bar.empty()


def _enterprise_table(rows: tuple[EnterpriseRow, ...]) -> None:
    st.table(
        {
            words.ENTERPRISE: [
                f"{ICONS[_STANDINGS[row.standing]]} **{row.enterprise_id}** {row.standing}"
                + (f"  \n{md(row.name)}" if row.name else "")
                for row in rows
            ],
            words.NEXT_STEP: [
                f"**{row.turn}**  \n{md(row.next_step)}" if row.turn else _ready(row)
                for row in rows
            ],
            words.BOX_SAID: [verbatim(row.said) if row.said else words.NONE for row in rows],
        },
        hide_index=True,
        border="horizontal",
    )


def _ready(row: EnterpriseRow) -> str:
    """What a row says where nobody has to act: ready is only what Box gave a token for."""
    return words.NOTHING_TO_DO if row.standing is Standing.AUTHORIZED else words.NONE


def _hand_over(box: BoxCredentials, rows: tuple[EnterpriseRow, ...]) -> None:
    waiting = [row for row in rows if row.standing is Standing.REFUSED]
    if not waiting:
        return
    with st.expander(words.ADMIN_STEP, expanded=True):
        st.markdown(words.for_box_admin(ADMIN_STEP))
        st.code(
            "\n\n".join(hand_over(box.client_id, row.enterprise_id) for row in waiting),
            language=None,
            wrap_lines=True,
        )
