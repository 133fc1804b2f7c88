"""What the JWT key page keeps in a session, and its widgets' callbacks.

A key that was uploaded, pasted or generated here is kept wrapped, checked, and given out only as
the download that a person asks for. Its widgets are emptied at once, as on the Credentials page.
"""

from dataclasses import dataclass
from typing import Final

from lib.box.key_inspection import MAX_BYTES, KeyPair, KeyReport, generate_key_pair, inspect_key
from lib.box.settings.app_settings import parse_app_settings
from lib.core.errors import KeyProblem
from lib.core.redaction import Secret
from lib.credentials.key_exchange import Exchange
from lib.settings.profiles import BoxCredentials
from lib.ui.components.credentials.credential_entry import (
    CredentialEntry,
    also_forget,
    change,
    take_text,
    take_upload,
)
from lib.ui.jwt_key import words
from lib.ui.jwt_key.view_used import Used, use
from lib.ui.shell.leaving import cleared_with_profile
from lib.ui.shell.lost import Loss, lost_with_session
from lib.ui.shell.session import state, value

FILE: Final = "jwt.file"
TEXT: Final = "jwt.text"
PASSPHRASE: Final = "jwt.passphrase"  # noqa: S105  # the name of a widget
PUBLIC: Final = "jwt.public"
NEW_FIRST: Final = "jwt.new_first"
NEW_SECOND: Final = "jwt.new_second"
SHORTEST_PASSPHRASE: Final = 8


@dataclass(slots=True)
class KeyWork:
    """The current key, its verdict, a pair generated here, and the last exchange.

    `compared` says whether `config` is that of the profile in use, not of the uploaded file. `used`
    is what changed when the current key or the pair was put into the credentials.
    """

    name: str = ""
    data: Secret | None = None
    passphrase: Secret | None = None
    public: str = ""
    config: BoxCredentials | None = None
    compared: bool = False
    report: KeyReport | None = None
    pair: KeyPair | None = None
    new_passphrase: Secret | None = None
    new_problem: str = ""
    exchange: tuple[str, Exchange] | None = None
    used: Used | None = None


also_forget(KeyWork)


@lost_with_session
def _lost() -> Loss | None:
    work = state(KeyWork)
    if work.data is None and work.pair is None:
        return None
    return Loss(
        words.LOST_GENERATED if work.data is None else words.LOST_ENTERED,
        words.LOST_GENERATED_FIX if work.data is None else words.LOST_ENTERED_FIX,
        "jwt_key",
    )


def key_of(widget: str) -> str:
    """The current key of a widget of this page."""
    return state(CredentialEntry).key(widget)


def take_key_file() -> None:
    """A key file was uploaded."""
    found = take_upload(FILE, MAX_BYTES)
    if found is not None:
        _take(Secret(found[1].decode("latin-1")), found[0])


def take_key_text() -> None:
    """A key was pasted."""
    text = take_text(TEXT)
    if text.strip():
        _take(Secret(text.encode().decode("latin-1")), words.PASTED)


def take_passphrase() -> None:
    """The passphrase of the current key was entered."""
    text = take_text(PASSPHRASE)
    if text:
        state(KeyWork).passphrase = Secret(text)
        judge_key()


def take_public() -> None:
    """A public key to compare with was entered; it isn't a secret and stays in its field."""
    state(KeyWork).public = str(value(key_of(PUBLIC)) or "")
    judge_key()


def forget_key() -> None:
    """Forget the current key."""
    work = state(KeyWork)
    work.name, work.data, work.passphrase, work.report = "", None, None, None
    work.config = None
    work.used = None


def take_config(box: BoxCredentials, widget: str) -> None:
    """Start or stop comparing with the app settings in use."""
    work = state(KeyWork)
    work.compared = bool(value(widget))
    work.config = box if work.compared else None
    judge_key()


@cleared_with_profile
def _leave() -> str:
    """Stop comparing the current key with that of the earlier profile."""
    work = state(KeyWork)
    compared, work.config = work.compared, work.config if not work.compared else None
    work.compared = False
    if compared:
        judge_key()
    return words.LEFT_COMPARISON if compared else ""


def _take(data: Secret, name: str) -> None:
    """A key, or the app settings file that holds one with its passphrase."""
    work = state(KeyWork)
    work.data, work.name, work.used = data, name, None
    if data.reveal().lstrip().startswith("{"):
        found = parse_app_settings(data.reveal().encode("latin-1")).credentials
        if found is not None and found.private_key:
            work.data, work.passphrase, work.config = found.private_key, found.passphrase, found
    judge_key()


def judge_key() -> None:
    """Check the current key again."""
    work = state(KeyWork)
    if work.data is not None:
        work.report = inspect_key(
            work.data.reveal().encode("latin-1", "replace"),
            work.passphrase,
            public=work.public.encode() if work.public.strip() else None,
            config=work.config,
        )


def use_key() -> None:
    """Put the current key into this session's credentials."""
    work = state(KeyWork)
    if work.data is not None:
        passphrase = work.passphrase.reveal() if work.passphrase else ""
        private_pem = work.data.reveal().encode("latin-1").decode()
        _into_credentials(private_pem, passphrase, made=False)


def use_new_key() -> None:
    """Put the pair generated here into this session's credentials."""
    work = state(KeyWork)
    if work.pair is not None and work.new_passphrase is not None:
        passphrase = work.new_passphrase.reveal()
        _into_credentials(work.pair.private_pem.reveal(), passphrase, made=True)


def _into_credentials(private_pem: str, passphrase: str, *, made: bool) -> None:
    draft, used = use(state(CredentialEntry).draft, private_pem, passphrase, made=made)
    change(draft)
    state(KeyWork).used = used


def ask_for_pair() -> None:
    """Check the passphrase that was entered twice; the pair is generated when the page is drawn."""
    work = state(KeyWork)
    first, second = take_text(NEW_FIRST), take_text(NEW_SECOND)
    work.new_problem = _passphrase_problem(first, second)
    work.pair = work.used = None
    work.new_passphrase = None if work.new_problem else Secret(first)


def pair_is_requested() -> bool:
    """Whether a pair was requested and isn't generated yet."""
    work = state(KeyWork)
    return work.pair is None and work.new_passphrase is not None


def make_pair(bits: int) -> None:
    """Generate the requested pair. Takes up to some seconds for large keys."""
    work = state(KeyWork)
    if work.new_passphrase is None:
        return
    try:
        work.pair = generate_key_pair(work.new_passphrase, bits)
    except KeyProblem as problem:
        work.new_passphrase = None
        work.new_problem = f"{problem.message} {problem.fix}"


def _passphrase_problem(first: str, second: str) -> str:
    if not first:
        return words.NO_PASSPHRASE
    if len(first) < SHORTEST_PASSPHRASE:
        return words.passphrase_too_short(SHORTEST_PASSPHRASE)
    if first != second:
        return words.PASSPHRASES_DIFFER
    return ""


def key_in_use(box: BoxCredentials | None) -> KeyReport | None:
    """The verdict on the key of a profile; None without a key."""
    if box is None or box.private_key is None:
        return None
    return inspect_key(box.private_key.reveal(), box.passphrase, config=box)
