"""The signature playground: a request is pasted, and each step of judging it says yes or no.

It is the judgement of the receiver and of `webhook verify`. Typed keys stay in this session: they
are never shown, never kept, and never get into an address.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.box import signatures as box
from lib.core.redaction import Secret
from lib.core.signatures import Reason, Step, Verdict
from lib.core.texts import md
from lib.kloudless import signatures as kloudless
from lib.ui.components.fields import secret_field
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, value
from lib.ui.webhooks import words
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.receive.refusals import TOLD, of_signature
from lib.webhooks.replay import keys_of
from lib.webhooks.signing.diagnosis import Finding, diagnose
from lib.webhooks.signing.parse_pasted import NoHeaders, headers_of
from lib.webhooks.signing.sending import box_delivery, kloudless_delivery, sample_body

_KIND: Final = "playground.kind"
_FROM: Final = "playground.keys"
_AT: Final = "playground.at"
_HEADERS: Final = "playground.headers"
_BODY: Final = "playground.body"
_FILE: Final = "playground.file"
_PRIMARY, _SECONDARY, _API_KEY = "playground.primary", "playground.secondary", "playground.api_key"
_PROFILE, _TYPED = "of the profile", "typed here"
_NOW, _THEN = "now", "when it was sent"
_MOST: Final = 1024 * 1024
EXAMPLE_KEYS: Final = box.SignatureKeys(
    Secret("example-primary-key"), Secret("example-secondary-key")
)
EXAMPLE_API_KEY: Final = Secret("example-api-key")


@dataclass(frozen=True, slots=True)
class Case:
    """One request to be judged, with the keys to judge it by."""

    kind: Kind
    body: bytes
    headers: list[tuple[str, str]]
    keys: box.SignatureKeys
    api_key: Secret | None
    at: datetime

    def explained(self) -> tuple[Verdict, tuple[Step, ...]]:
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
        st.markdown("**Step by step**")
        if case is None:
            st.caption(
                "Paste a request's headers and body, or press “Fill in an example”. The steps are "
                "those of the receiver and of `python -m lib webhook verify`."
            )
        else:
            _judged(case)


def _form(context: Context) -> Case | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _begin_with(_KIND, Kind.BOX)
        kind = Kind(
            st.segmented_control(
                "Sent by",
                list(Kind),
                required=True,
                key=_KIND,
                format_func=words.KINDS.__getitem__,
            )
            or Kind.BOX
        )
        st.button(
            "Fill in an example",
            key="playground.example",
            icon=":material/edit_note:",
            on_click=_example,
            args=(kind,),
            help="A request that is signed with example keys, now.",
        )
    keys, api_key = _keys(context, kind)
    headers = st.text_area(
        "Headers",
        key=_HEADERS,
        height=190,
        max_chars=100_000,
        placeholder="BOX-DELIVERY-TIMESTAMP: …\nBOX-SIGNATURE-PRIMARY: …",
        help="`Name: value` lines, or a JSON object.",
    )
    body = st.text_area(
        "Body",
        key=_BODY,
        height=190,
        max_chars=_MOST,
        help="Pasting can change line ends and drop the last one. For the exact bytes, use a file.",
    )
    file = st.file_uploader(
        "or the body as a file, byte for byte", key=_FILE, max_upload_size=2, type=None
    )
    at = _NOW
    if kind is Kind.BOX:
        at = st.segmented_control(
            "Judge its age as of", (_NOW, _THEN), default=_NOW, required=True, key=_AT
        )
    if file is not None and body:
        st.caption("The file is judged, not the text.")
    raw = file.getvalue() if file is not None else str(body or "").encode()
    if not (headers or "").strip() and not raw:
        return None
    try:
        pairs = headers_of(str(headers or ""))
    except NoHeaders as error:
        st.warning(
            f"**The headers can't be read.** {md(str(error))} Write one `Name: value` a line, or "
            "a JSON object.",
            icon=":material/error:",
        )
        return None
    return Case(kind, raw, pairs, keys, api_key, _moment(pairs, at or _NOW))


def _begin_with(key: str, first: str) -> None:
    """What a choice stands at by itself; the example sets it, so it can't be a default."""
    if value(key) is None:
        seed(key, first)


def _moment(pairs: list[tuple[str, str]], at: str) -> datetime:
    now = datetime.now(UTC)
    if at == _NOW:
        return now
    sent = next((text for name, text in pairs if name.lower() == box.TIMESTAMP.lower()), "")
    try:
        found = datetime.fromisoformat(sent)
        return found.astimezone(UTC) if found.tzinfo is not None else now
    except (ValueError, OverflowError):
        return now


def _keys(context: Context, kind: Kind) -> tuple[box.SignatureKeys, Secret | None]:
    _begin_with(_FROM, _PROFILE)
    chosen = st.segmented_control(
        "Keys",
        (_PROFILE, _TYPED),
        required=True,
        key=_FROM,
        format_func=str.capitalize,
    )
    if chosen != _TYPED:
        half = context.profile.kloudless
        known = " and ".join(keys_of(context.profile).known()) or "none"
        has = "yes" if half is not None and half.api_key else "no"
        st.caption(
            f"This profile's keys: {known}." if kind is Kind.BOX else f"An API key is there: {has}."
        )
        return keys_of(context.profile), None if half is None else half.api_key
    with st.container(horizontal=True):
        if kind is Kind.KLOUDLESS:
            return box.SignatureKeys(), _typed("API key", _API_KEY)
        primary = _typed("Primary key", _PRIMARY)
        return box.SignatureKeys(primary, _typed("Secondary key", _SECONDARY)), None


def _typed(label: str, key: str) -> Secret | None:
    text = secret_field(
        label,
        key=key,
        max_chars=1000,
        help="Stays in this session's memory: in no address, log or file.",
    )
    return Secret.of(text)


def _example(kind: Kind) -> None:
    """Fill the form with a request of our own making, signed with keys that open nothing."""
    now = datetime.now(UTC)
    if kind is Kind.BOX:
        body = sample_body("FILE.UPLOADED", now)
        outgoing = box_delivery(body, EXAMPLE_KEYS, now)
        for key, secret in ((_PRIMARY, EXAMPLE_KEYS.primary), (_SECONDARY, EXAMPLE_KEYS.secondary)):
            seed(key, secret.reveal() if secret else "")
    else:
        outgoing = kloudless_delivery(b"account=1234", EXAMPLE_API_KEY)
        seed(_API_KEY, EXAMPLE_API_KEY.reveal())
    seed(_FROM, _TYPED)
    seed(_HEADERS, "\n".join(f"{name}: {text}" for name, text in outgoing.headers.items()))
    seed(_BODY, outgoing.body.decode())


def _judged(case: Case) -> None:
    verdict, steps = case.explained()
    for number, step in enumerate(steps, start=1):
        _step(number, step)
    if verdict.reason is None:
        key = words.KEYS.get(str(verdict.key), "")
        st.success(f"**Genuine.** Proved by the {key} key.", icon=":material/verified:")
        return
    told = TOLD[of_signature(verdict.reason)]
    found = diagnose(case.body, case.fits) if verdict.reason is Reason.WRONG else None
    st.error(
        f"**Refused: {md(words.VERDICTS[of_signature(verdict.reason)].lower())}.** {md(told.what)}"
        f"\n\n**What to do** {md(told.fix)}",
        icon=":material/block:",
    )
    if found is not None:
        _found(found)
    elif verdict.reason is Reason.WRONG:
        st.caption(
            "Tried, and not it: line ends added, lost or converted, a byte order mark, JSON that "
            "was parsed and written again. So the key is another one, or the body was changed."
        )
    st.caption(f"A receiver here answers this with {told.status}.")


def _found(found: Finding) -> None:
    st.info(
        f"**That was it.** {md(found.what)}\n\n**What to do** {md(found.fix)}",
        icon=":material/lightbulb:",
    )


def _step(number: int, step: Step) -> None:
    if not step.reached:
        st.markdown(f":gray[:material/remove: {number}. {md(step.title)}] · not reached")
        return
    mark = ":green[:material/check_circle:]" if step.passed else ":red[:material/cancel:]"
    word = "holds" if step.passed else "fails"
    st.markdown(f"{mark} **{number}. {md(step.title)}** {word}. {md(step.said)}")
