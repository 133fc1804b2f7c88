"""The texts of the tab Playground: the form, the steps of the check, the verdict."""

from typing import Final

from lib.ui.webhooks.words import VERDICTS
from lib.webhooks.receive.refusals import Refusal

# -- the form --------------------------------------------------------------------------------------

SENT_BY: Final = "Sender"
EXAMPLE: Final = "Fill in an example"
EXAMPLE_HELP: Final = "A request signed now, with example keys."
HEADERS: Final = "Headers"
HEADERS_HELP: Final = "`Name: value` lines, or a JSON object."
BODY: Final = "Body"
BODY_HELP: Final = (
    "Pasting can change line endings and drop the last one. To check the exact bytes, upload a "
    "file."
)
FILE: Final = "or upload the body as a file, byte for byte"
AGE: Final = "Check its age as of"
NOW: Final = "now"
WHEN_SENT: Final = "when it was sent"
FILE_WINS: Final = "The file is checked, not the text."
KEYS: Final = "Keys"
OF_PROFILE: Final = "from the profile"
TYPED: Final = "typed here"
AND: Final = " and "
NONE: Final = "none"
API_KEY: Final = "API key"
PRIMARY_KEY: Final = "Primary key"
SECONDARY_KEY: Final = "Secondary key"
KEY_HELP: Final = "Kept only in this session's memory, never in a URL, log or file."


def headers_unreadable(why: str) -> str:
    """What is wrong with the headers, as Markdown."""
    return (
        f"**The headers can't be read.** {why} Write one `Name: value` pair per line, or a JSON "
        "object."
    )


def box_keys(known: str) -> str:
    """`Keys in this profile: primary and secondary.`."""
    return f"Keys in this profile: {known}."


def api_key(*, known: bool) -> str:
    """Whether the profile has one."""
    return f"API key in this profile: {'yes' if known else 'no'}."


# -- the verdict -----------------------------------------------------------------------------------

STEPS: Final = "Step by step"
PASTE: Final = (
    "Paste a request's headers and body, or press “Fill in an example”. The steps are the ones "
    "that the receiver and `python -m lib webhook verify` take."
)
RULED_OUT: Final = (
    "Ruled out: line endings added, lost or converted; a byte order mark; JSON that was parsed and "
    "serialized again. So the key is another one, or the body was changed."
)


def genuine(key: str) -> str:
    """The good verdict, as Markdown."""
    return f"**Genuine.** Verified with the {key} key."


def rejected(reason: Refusal, what: str, fix: str) -> str:
    """The bad verdict, as Markdown."""
    return f"**Rejected: {VERDICTS[reason].lower()}.** {what}\n\n**What to do:** {fix}"


def cause_found(what: str, fix: str) -> str:
    """What was done to the body, as Markdown."""
    return f"**Cause found.** {what}\n\n**What to do:** {fix}"


def answered(status: int) -> str:
    """What a sender would get."""
    return f"The receiver answers this request with status {status}."


def not_reached(number: int, title: str) -> str:
    """A step after the one that failed, as Markdown."""
    return f":gray[:material/remove: {number}. {title}] · not reached"


def step(number: int, title: str, detail: str, *, passed: bool) -> str:
    """A step, as Markdown."""
    mark = ":green[:material/check_circle:]" if passed else ":red[:material/cancel:]"
    return f"{mark} **{number}. {title}:** {'passed' if passed else 'failed'}. {detail}"
