"""The signature playground: checks a pasted request step by step.

The steps are those of the receiver and of `webhook verify`. Typed keys stay in this session: they
are never shown or stored, and never get into a URL.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.box import signatures as box
from lib.core.redaction import Secret
from lib.core.signatures import SignatureFault, SignatureVerdict, VerdictStep
from lib.core.texts import md
from lib.core.time_texts import time_of
from lib.kloudless import signatures as kloudless
from lib.ui.components.fields import secret_field
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, value
from lib.ui.webhooks import words, words_playground
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.receive.refusals import REFUSAL_TEXTS, of_signature
from lib.webhooks.replay import keys_of
from lib.webhooks.signing.diagnosis import BodyChange, diagnose
from lib.webhooks.signing.parse_pasted import NoHeaders, headers_of
from lib.webhooks.signing.sending import box_delivery, kloudless_delivery, sample_body

_KIND: Final = "playground.kind"
_FROM: Final = "playground.keys"
_AT: Final = "playground.at"
_HEADERS: Final = "playground.headers"
_BODY: Final = "playground.body"
_FILE: Final = "playground.file"
_PRIMARY, _SECONDARY, _API_KEY = "playground.primary", "playground.secondary", "playground.api_key"
_MOST: Final = 1024 * 1024
EXAMPLE_KEYS: Final = box.SignatureKeys(
    Secret("example-primary-key"), Secret("example-secondary-key")
)
EXAMPLE_API_KEY: Final = Secret("example-api-key")


@dataclass(frozen=True, slots=True)
class Case:
    """One request to check, and the keys to check it with."""

    kind: Kind
    body: bytes
    headers: list[tuple[str, str]]
    keys: box.SignatureKeys
    api_key: Secret | None
    at: datetime

    def explained(self) -> tuple[SignatureVerdict, tuple[VerdictStep, ...]]:
        """The verdict and its steps."""
        if self.kind is Kind.KLOUDLESS:
            return kloudless.explain(self.body, self.headers, self.api_key)
        return box.explain(self.body, self.headers, self.keys, at=self.at)

    def fits(self, body: bytes) -> bool:
        """Whether the signature belongs to another body."""
        if self.kind is Kind.KLOUDLESS:
            return bool(kloudless.verify(body, self.headers, self.api_key).matched)
        return bool(box.verify(body, self.headers, self.keys, at=self.at).matched)


def playground_tab(context: Context) -> None:
    """The form on the left, the steps on the right."""
    left, right = st.columns(2, gap="large")
    with left:
        case = _form(context)
    with right:
        st.markdown(f"**{words_playground.STEPS}**")
        if case is None:
            st.caption(words_playground.PASTE)
        else:
            _verdict(case)


def _form(context: Context) -> Case | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _begin_with(_KIND, Kind.BOX)
        kind = Kind(
            st.segmented_control(
                words_playground.SENT_BY,
                list(Kind),
                required=True,
                key=_KIND,
                format_func=words.KINDS.__getitem__,
            )
            or Kind.BOX
        )
        st.button(
            words_playground.EXAMPLE,
            key="playground.example",
            icon=":material/edit_note:",
            on_click=_example,
            args=(kind,),
            help=words_playground.EXAMPLE_HELP,
        )
    keys, api_key = _keys(context, kind)
    headers = st.text_area(
        words_playground.HEADERS,
        key=_HEADERS,
        height=190,
        max_chars=100_000,
        placeholder="BOX-DELIVERY-TIMESTAMP: …\nBOX-SIGNATURE-PRIMARY: …",
        help=words_playground.HEADERS_HELP,
    )
    body = st.text_area(
        words_playground.BODY,
        key=_BODY,
        height=190,
        max_chars=_MOST,
        help=words_playground.BODY_HELP,
    )
    file = st.file_uploader(words_playground.FILE, key=_FILE, max_upload_size=2, type=None)
    at = words_playground.NOW
    if kind is Kind.BOX:
        at = st.segmented_control(
            words_playground.AGE,
            (words_playground.NOW, words_playground.WHEN_SENT),
            default=words_playground.NOW,
            required=True,
            key=_AT,
        )
    if file is not None and body:
        st.caption(words_playground.FILE_WINS)
    raw = file.getvalue() if file is not None else str(body or "").encode()
    if not (headers or "").strip() and not raw:
        return None
    try:
        pairs = headers_of(str(headers or ""))
    except NoHeaders as error:
        st.warning(words_playground.headers_unreadable(md(str(error))), icon=":material/error:")
        return None
    return Case(kind, raw, pairs, keys, api_key, _time_of_check(pairs, at or words_playground.NOW))


def _begin_with(key: str, first: str) -> None:
    """The initial value of a choice; the example sets it, so it can't be a default."""
    if value(key) is None:
        seed(key, first)


def _time_of_check(pairs: list[tuple[str, str]], at: str) -> datetime:
    now = datetime.now(UTC)
    if at == words_playground.NOW:
        return now
    sent = next((text for name, text in pairs if name.lower() == box.TIMESTAMP.lower()), "")
    return time_of(sent) or now


def _keys(context: Context, kind: Kind) -> tuple[box.SignatureKeys, Secret | None]:
    _begin_with(_FROM, words_playground.OF_PROFILE)
    chosen = st.segmented_control(
        words_playground.KEYS,
        (words_playground.OF_PROFILE, words_playground.TYPED),
        required=True,
        key=_FROM,
        format_func=str.capitalize,
    )
    if chosen != words_playground.TYPED:
        half = context.profile.kloudless
        known = words_playground.AND.join(keys_of(context.profile).known())
        has = half is not None and bool(half.api_key)
        st.caption(
            words_playground.box_keys(known or words_playground.NONE)
            if kind is Kind.BOX
            else words_playground.api_key(known=has)
        )
        return keys_of(context.profile), None if half is None else half.api_key
    with st.container(horizontal=True):
        if kind is Kind.KLOUDLESS:
            return box.SignatureKeys(), _typed(words_playground.API_KEY, _API_KEY)
        primary = _typed(words_playground.PRIMARY_KEY, _PRIMARY)
        return box.SignatureKeys(primary, _typed(words_playground.SECONDARY_KEY, _SECONDARY)), None


def _typed(label: str, key: str) -> Secret | None:
    text = secret_field(
        label,
        key=key,
        max_chars=1000,
        help=words_playground.KEY_HELP,
    )
    return Secret.of(text)


def _example(kind: Kind) -> None:
    """Fill in the form with a request of our own, signed with keys that open nothing."""
    now = datetime.now(UTC)
    if kind is Kind.BOX:
        body = sample_body("FILE.UPLOADED", now)
        outgoing = box_delivery(body, EXAMPLE_KEYS, now)
        for key, secret in ((_PRIMARY, EXAMPLE_KEYS.primary), (_SECONDARY, EXAMPLE_KEYS.secondary)):
            seed(key, secret.reveal() if secret else "")
    else:
        outgoing = kloudless_delivery(b"account=1234", EXAMPLE_API_KEY)
        seed(_API_KEY, EXAMPLE_API_KEY.reveal())
    seed(_FROM, words_playground.TYPED)
    seed(_HEADERS, "\n".join(f"{name}: {text}" for name, text in outgoing.headers.items()))
    seed(_BODY, outgoing.body.decode())


def _verdict(case: Case) -> None:
    verdict, steps = case.explained()
    for number, step in enumerate(steps, start=1):
        _step(number, step)
    if verdict.reason is None:
        key = words.KEYS.get(str(verdict.key), "")
        st.success(words_playground.genuine(key), icon=":material/verified:")
        return
    reason = of_signature(verdict.reason)
    reported = REFUSAL_TEXTS[reason]
    found = diagnose(case.body, case.fits) if verdict.reason is SignatureFault.WRONG else None
    st.error(
        words_playground.rejected(reason, md(reported.what), md(reported.fix)),
        icon=":material/block:",
    )
    if found is not None:
        _found(found)
    elif verdict.reason is SignatureFault.WRONG:
        st.caption(words_playground.RULED_OUT)
    st.caption(words_playground.answered(reported.status))


def _found(found: BodyChange) -> None:
    text = words_playground.cause_found(md(found.what), md(found.fix))
    st.info(text, icon=":material/lightbulb:")


def _step(number: int, step: VerdictStep) -> None:
    if not step.reached:
        st.markdown(words_playground.not_reached(number, md(step.title)))
        return
    text = words_playground.step(number, md(step.title), md(step.said), passed=step.passed)
    st.markdown(text)
