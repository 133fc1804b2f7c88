"""The JWT key page's second half: the assertion claim by claim, and the live exchange."""

from datetime import UTC, datetime

import streamlit as st

from lib.box.tokens.assertion import assertion
from lib.box.tokens.auth import Subject, SubjectType, new_jti
from lib.core import causes
from lib.core.texts import md
from lib.credentials.assertion_claims import Expected, judge_assertion, skew_words
from lib.credentials.calls import open_line
from lib.credentials.key_exchange import Exchange, exchange_now, practices, practise, sandbox_faults
from lib.http import Egress
from lib.settings.profiles import BoxAuth, BoxCredentials
from lib.ui.components.credentials.problems import ICONS
from lib.ui.components.fields import code_field
from lib.ui.components.outcome import definitions, duration, show_calls, show_fault, verbatim
from lib.ui.jwt_key import words
from lib.ui.jwt_key.state import KeyWork
from lib.ui.shell.boundary import WHO, boundary
from lib.ui.shell.frame import Context, egress_of
from lib.ui.shell.navigation import page
from lib.ui.shell.session import of_profile, state


def exchange_section(context: Context) -> None:
    """Whom the token is for, its assertion, and Box's answer."""
    box = context.profile.box
    if box is None or box.auth is not BoxAuth.JWT or box.private_key is None:
        st.info(
            words.NO_JWT,
            icon=":material/passkey:",
        )
        return
    subject = _subject(box)
    with boundary():
        _assertion(context, box, subject)
    st.subheader(words.ASK_BOX, anchor=False)
    with boundary():
        _exchange(context, box, subject)
    _known_refusals()


def _subject(box: BoxCredentials) -> Subject:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    kind = left.segmented_control(
        words.SUBJECT,
        list(words.SUBJECTS),
        default="user" if box.user_id else "enterprise",
        format_func=lambda one: words.SUBJECTS[one],
        required=True,
        key="jwt.subject_type",
    )
    chosen = SubjectType(kind or "enterprise")
    known = box.user_id if chosen is SubjectType.USER else box.enterprise_id
    with right:
        typed = code_field(
            words.subject_id(chosen),
            placeholder=words.known_id(known) if known else words.DIGITS,
            key=of_profile(f"jwt.subject.{chosen}"),
        )
    return Subject(chosen, typed.strip() or known)


def _assertion(context: Context, box: BoxCredentials, subject: Subject) -> None:
    if not subject.id:
        st.caption(words.NO_SUBJECT)
        return
    now = datetime.now(UTC)
    made = assertion(box, subject_type=subject.type, subject_id=subject.id, now=now, jti=new_jti())
    last = state(KeyWork).exchange
    skew = last[1].skew_s if last and last[0] == context.profile.key else None
    rows = judge_assertion(
        made.header,
        made.claims,
        Expected(box.client_id, box.public_key_id, subject.type, subject.id),
        now=now,
        skew_s=skew,
    )
    st.table(
        {
            words.FIELD: [f"**{row.name}** ({row.part})  \n{md(row.meaning)}" for row in rows],
            words.VALUE: [
                f"{verbatim(row.value)}  \n{ICONS[row.verdict.level]} {md(row.verdict.text)} "
                f"{md(row.verdict.fix)}"
                for row in rows
            ],
        },
        hide_index=True,
        border="horizontal",
    )
    st.caption(words.ASSERTION_NOTE)


def _exchange(context: Context, box: BoxCredentials, subject: Subject) -> None:
    work = state(KeyWork)
    practice = _practice(context, box)
    pressed = st.button(
        words.EXCHANGE,
        type="primary",
        icon=":material/bolt:",
        disabled=not subject.id,
        help=words.EXCHANGE_HELP,
    )
    if pressed:
        line = open_line(egress_of(context))
        with line.http, st.spinner(words.ASKING_BOX, show_time=True):
            if practice and context.runtime.sandbox.url:
                practise(line, context.runtime.sandbox.url, practice, box.client_id)
                line.journal.clear()
            work.exchange = (context.profile.key, exchange_now(line, box, subject))
    if work.exchange is not None and work.exchange[0] == context.profile.key:
        show_exchange(work.exchange[1])
        if work.exchange[1].fault is None:
            _go_on(context)


def _go_on(context: Context) -> None:
    """Links to what a token is used for."""
    with st.container(horizontal=True):
        for name, label in (
            ("credentials", words.NEXT_CREDENTIALS),
            ("activity", words.NEXT_ACTIVITY),
        ):
            there = page(name)
            if there is not None:
                st.page_link(there, label=label, query_params=context.links)


def _practice(context: Context, box: BoxCredentials) -> str | None:
    """With the sandbox: which error to simulate."""
    url = context.runtime.sandbox.url
    if url is None or box.api_url.rstrip("/") != url.rstrip("/"):
        return None
    known = _practices(url, _egress=egress_of(context))
    chosen = st.selectbox(
        words.PRACTISE,
        list(known),
        index=None,
        format_func=lambda name: known[name].removeprefix("The token endpoint answers "),
        placeholder=words.PRACTISE_NONE,
        key="jwt.practice",
        help=words.PRACTISE_HELP,
    )
    return str(chosen) if chosen else None


@st.cache_data(ttl=600, show_spinner=False)
def _practices(url: str, *, _egress: Egress) -> dict[str, str]:
    """The errors that the sandbox can simulate, by name; the same for everyone."""
    line = open_line(_egress)
    with line.http:
        return {one.name: one.does for one in practices(sandbox_faults(line, url))}


def show_exchange(exchange: Exchange) -> None:
    """The outcome of an exchange, and how the clocks compare."""
    if exchange.first_fault is not None:
        show_fault(exchange.first_fault)
        st.caption(words.SECOND_ASSERTION)
    if exchange.fault is not None:
        show_fault(exchange.fault)
    else:
        st.success(words.token_issued(duration(exchange.ms)), icon=":material/check_circle:")
        ends = f"{exchange.expires_at:%H:%M:%S} UTC" if exchange.expires_at else words.NOT_REPORTED
        definitions(
            [
                (words.FOR, words.subject(exchange.subject.type, md(exchange.subject.id))),
                (words.EXPIRES, ends),
                (words.RESTRICTED, words.NO if not exchange.narrowed else words.YES),
            ]
        )
    skew = skew_words(exchange.skew_s)
    st.markdown(words.clock(f"{ICONS[skew.level]} {md(skew.text)} {md(skew.fix)}"))
    show_calls(exchange.calls)


def _known_refusals() -> None:
    rows = [one for one in causes.all_causes() if one.id.startswith("token")]
    if not rows:
        return
    with st.expander(words.KNOWN_ERRORS):
        st.table(
            {
                words.WHAT_AND_WHY: [f"**{md(one.title)}**  \n{md(one.text)}" for one in rows],
                words.WHAT_TO_DO: [words.fix(md(one.fix), WHO[one.who], one.mark) for one in rows],
            },
            hide_index=True,
            border="horizontal",
        )
