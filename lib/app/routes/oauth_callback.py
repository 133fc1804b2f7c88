"""The redirect from a consent page: its URL, its parameters, and the texts of its errors.

The code is a secret from the first moment, and so is the state. An error from the other side is
looked up in the table of causes, and shown as received if it is unknown.
Sources: RFC 6749 (4.1.2), Box developer documentation (OAuth 2.0), the published Kloudless SDKs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlsplit

from lib.core import causes
from lib.core.causes import Api
from lib.core.errors import RunbookError, Who
from lib.core.redaction import Secret

PAGE: Final = "connected"
_LONGEST: Final = 4096  # of a code or a state
_SHOWN: Final = 300  # characters of the other side's words


class CallbackRefusal(StrEnum):
    """Why a redirect is rejected: its code is not exchanged."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    OTHER_BROWSER = "other_browser"
    NO_BROWSER = "no_browser"
    GONE = "gone"


_WORDS: Final[Mapping[CallbackRefusal, tuple[str, str, str]]] = {
    CallbackRefusal.UNKNOWN: (
        "This app doesn't know this sign-in.",
        "Its URL was changed, it was started long ago, or the app was restarted since.",
        "Nothing was done with it. Go back to the tab where you started, and start again there.",
    ),
    CallbackRefusal.USED: (
        "This sign-in was already used.",
        "Each sign-in works once, and this one was completed or abandoned.",
        "Nothing was done now. The tab where you started shows the result.",
    ),
    CallbackRefusal.EXPIRED: (
        "This sign-in took longer than ten minutes.",
        "It isn't accepted after that, so nothing was done with it.",
        "Go back to the tab where you started, and start again there.",
    ),
    CallbackRefusal.OTHER_BROWSER: (
        "This sign-in was started in another browser.",
        "Somebody may have passed its URL on, so it was ended and nothing was done with it.",
        "If you started it, start again and stay in one browser. If not, don't grant access.",
    ),
    CallbackRefusal.NO_BROWSER: (
        "This tab can't complete the sign-in by itself.",
        "The app's cookie doesn't arrive here, so it can't tell which browser started it.",
        "Copy this tab's whole URL now, and paste it in the tab where you started.",
    ),
    CallbackRefusal.GONE: (
        "The tab where this sign-in started is gone.",
        "It was closed or reloaded, or other values were entered there. Nothing was done.",
        "Start again, and leave that tab open until you are back.",
    ),
}


def refusal_error(refusal: CallbackRefusal) -> RunbookError:
    """The error that people see for a rejected redirect."""
    message, cause, fix = _WORDS[refusal]
    return RunbookError(message, cause=cause, fix=fix, who=Who.YOU)


@dataclass(frozen=True, slots=True)
class Returned:
    """The parameters of the redirect's URL; `error` is the other side's code."""

    state: Secret
    code: Secret | None = None
    error: str = ""
    description: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Returned | None":
        """Out of an address's parameters; None where they don't come from a consent page."""
        state, code = (query.get(name, "")[: _LONGEST + 1] for name in ("state", "code"))
        error = query.get("error", "")
        if not (code or error):
            return None
        usable = bool(code) and len(code) <= _LONGEST and not error
        return cls(
            Secret(state if len(state) <= _LONGEST else ""),
            Secret(code) if usable else None,
            error[:_SHOWN],
            query.get("error_description", "")[:_SHOWN],
        )

    @classmethod
    def of_address(cls, address: str) -> "Returned | None":
        """Out of a whole address, as a person copies it from the browser."""
        try:
            query = parse_qs(urlsplit(address.strip()).query, max_num_fields=50)
        except ValueError:
            return None
        return cls.of({name: values[-1] for name, values in query.items()})


def connected_address(page_url: str | None, page: str) -> str:
    """The address of this app's page `connected`, as the browser that shows `page` reaches it.

    `page_url` is what the browser says it shows. Empty when it says nothing that can be used.
    """
    try:
        parts = urlsplit(page_url or "")
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        usable = False
    if not usable:
        return ""
    base = parts.path.rstrip("/").removesuffix(f"/{page}")
    return f"{parts.scheme}://{parts.netloc}{base}/{PAGE}"


def denied(api: Api, returned: Returned) -> RunbookError:
    """Why there is no code, for people: what the other side put into the address."""
    found = causes.consent_error(api, returned.error or "no code", returned.description)
    side = "Box" if api is Api.BOX_CONSENT else "Kloudless"
    said = f" {side} says: “{returned.description}”" if returned.description else ""
    explanation = found.explanation
    if found.id == causes.UNKNOWN:
        return RunbookError(f"{side} redirected you without a code.", **explanation)
    explanation["cause"] += said
    return RunbookError(found.title, **explanation)
