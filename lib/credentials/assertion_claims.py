"""The assertion that would be sent, claim by claim, with a verdict for each.

The signature and the signed text are never shown: anyone who has them can act as the app for a
minute. Header and claims hold no secret. Rules: Box developer documentation, "JWT without SDK"; Box
support article 360043691734 for `sub`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lib.credentials.fields import Judgement, Level

TOKEN_AUDIENCE: Final = "https://api.box.com/oauth2/token"  # noqa: S105  # an address
LIFETIME_LIMIT_S: Final = 60
_JTI_LENGTHS: Final = range(16, 129)
_ALGORITHMS: Final = ("RS256", "RS384", "RS512")
_HUGE_SKEW_S: Final = 15


@dataclass(frozen=True, slots=True)
class Expected:
    """What the claims must match: the app, its key, and the subject."""

    client_id: str
    public_key_id: str
    subject_type: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One row of the table: part, name, value, meaning, verdict."""

    part: str
    name: str
    value: str
    meaning: str
    verdict: Judgement


def judge_assertion(
    header: Mapping[str, Any],
    claims: Mapping[str, Any],
    expected: Expected,
    *,
    now: datetime,
    skew_s: float | None = None,
) -> tuple[ClaimRow, ...]:
    """A row for each field of header and claims, in the order in which Box's guide has them.

    `now` is this server's clock; `skew_s` is how far Box's clock is ahead of it, None if it was
    not measured yet.
    """
    client, key_id = "client ID of these credentials", "public key ID of these credentials"
    rows = (
        _header(header, "alg", "How the assertion is signed.", _alg(header)),
        _header(header, "typ", "The kind of token.", _typ(header)),
        _header(
            header,
            "kid",
            "Which of the app's public keys Box uses to verify it.",
            _same(header, "kid", expected.public_key_id, key_id),
        ),
        _claim(
            claims,
            "iss",
            "The app that asks: its client ID.",
            _same(claims, "iss", expected.client_id, client),
        ),
        _claim(
            claims,
            "sub",
            f"Whom the token is for: the {expected.subject_type}.",
            _sub(claims, expected),
        ),
        _claim(claims, "box_sub_type", "The kind of ID in sub.", _sub_type(claims, expected)),
        _claim(
            claims,
            "aud",
            "Who may accept it. Always Box's own address, even through a gateway.",
            _aud(claims),
        ),
    )
    return (*rows, *_times(claims, now, skew_s))


def _header(fields: Mapping[str, Any], name: str, meaning: str, verdict: Judgement) -> ClaimRow:
    return ClaimRow("header", name, _text(fields, name), meaning, verdict)


def _claim(fields: Mapping[str, Any], name: str, meaning: str, verdict: Judgement) -> ClaimRow:
    return ClaimRow("claim", name, _text(fields, name), meaning, verdict)


def _times(claims: Mapping[str, Any], now: datetime, skew_s: float | None) -> tuple[ClaimRow, ...]:
    once = "A number used once, so that nobody can send the assertion again."
    end = "When it expires: at most 60 seconds from now on Box's clock."
    rows = [
        _claim(claims, "jti", once, _jti(claims)),
        ClaimRow("claim", "exp", _time(claims.get("exp")), end, _exp(claims, now, skew_s)),
    ]
    rows += [
        ClaimRow("claim", name, _time(claims[name]), "Not valid before.", _begin(claims, name, now))
        for name in ("iat", "nbf")
        if name in claims
    ]
    return tuple(rows)


def skew_words(skew_s: float | None) -> Judgement:
    """This server's clock compared with Box's. `skew_s`: seconds that Box is ahead."""
    if skew_s is None:
        return Judgement(
            Level.EMPTY, "Not measured yet.", "Ask Box for a token: its answer contains the time."
        )
    size = abs(skew_s)
    if size < 1:
        return Judgement(Level.OK, "This server's clock agrees with Box's to the second.")
    side = "behind" if skew_s > 0 else "ahead of"
    text = f"This server's clock is {size:.0f} s {side} Box's."
    if size > _HUGE_SKEW_S:
        return Judgement(
            Level.WARNING,
            text,
            "Assertions are corrected for this here, but your own program may not "
            "correct them: set the clock with NTP.",
        )
    return Judgement(Level.OK, text)


def _text(fields: Mapping[str, Any], name: str) -> str:
    return str(fields[name]) if name in fields else "—"


def _time(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value} ({datetime.fromtimestamp(value, UTC):%H:%M:%S} UTC)"
    return "—" if value is None else str(value)


def _alg(header: Mapping[str, Any]) -> Judgement:
    if header.get("alg") in _ALGORITHMS:
        return Judgement(Level.OK, "Box accepts RS256, RS384 and RS512.")
    return Judgement(
        Level.ERROR, "Box doesn't accept this algorithm.", "Sign with RS256, RS384 or RS512."
    )


def _typ(header: Mapping[str, Any]) -> Judgement:
    if header.get("typ") == "JWT":
        return Judgement(Level.OK, "Correct.")
    return Judgement(Level.ERROR, "It must be JWT.", "Set typ to JWT.")


def _same(fields: Mapping[str, Any], name: str, requested: str, what: str) -> Judgement:
    value = fields.get(name)
    if not value:
        return Judgement(Level.ERROR, "It is missing.", f"Set it to the {what}.")
    if value != requested:
        return Judgement(Level.ERROR, f"It isn't the {what}.", f"Set it to the {what}.")
    return Judgement(Level.OK, f"It is the {what}.")


def _sub(claims: Mapping[str, Any], expected: Expected) -> Judgement:
    value = claims.get("sub")
    if value in (None, ""):
        return Judgement(
            Level.ERROR, "It is missing.", f"Enter the ID of the {expected.subject_type}."
        )
    if not isinstance(value, str):
        return Judgement(
            Level.ERROR, "It is a JSON number; Box refuses that.", "Send the ID as a string."
        )
    for wrong, text, fix in (
        (value == expected.client_id, "It is the client ID.", "Enter the enterprise's own ID."),
        (value == "0", "0 isn't an enterprise.", "Enter the ID of a real enterprise."),
        (not value.isdigit(), "It isn't a number.", "Box's IDs have digits only."),
    ):
        if wrong:
            return Judgement(Level.ERROR, text, fix)
    if value != expected.subject_id:
        return Judgement(Level.ERROR, "It isn't the ID you entered.", "Ask again.")
    return Judgement(Level.OK, "A number, sent as a string. Only Box can say whether it is yours.")


def _sub_type(claims: Mapping[str, Any], expected: Expected) -> Judgement:
    value = claims.get("box_sub_type")
    if value not in ("enterprise", "user"):
        return Judgement(Level.ERROR, "It must be enterprise or user.", "Choose one of the two.")
    if value != expected.subject_type:
        return Judgement(Level.ERROR, "It doesn't match sub.", "Choose the kind of ID in sub.")
    return Judgement(Level.OK, "Matches sub.")


def _aud(claims: Mapping[str, Any]) -> Judgement:
    if claims.get("aud") == TOKEN_AUDIENCE:
        return Judgement(Level.OK, "Exactly what Box requires.")
    return Judgement(Level.ERROR, "Box requires another address.", f"Set it to {TOKEN_AUDIENCE}.")


def _jti(claims: Mapping[str, Any]) -> Judgement:
    value = claims.get("jti")
    if isinstance(value, str) and len(value) in _JTI_LENGTHS:
        return Judgement(
            Level.OK, f"{len(value)} characters; Box requires 16 to 128, new for every request."
        )
    return Judgement(Level.ERROR, "Box requires 16 to 128 characters.", "Use a random text.")


def _exp(claims: Mapping[str, Any], now: datetime, skew_s: float | None) -> Judgement:
    value = claims.get("exp")
    if isinstance(value, bool) or not isinstance(value, int):
        return Judgement(
            Level.ERROR, "It isn't a whole number; Box refuses that.", "Send whole seconds."
        )
    left = value - now.timestamp() - (skew_s or 0.0)
    clock = "Box's clock" if skew_s is not None else "this server's clock"
    if left <= 0:
        return Judgement(Level.ERROR, f"It expired by {clock}.", "Make a new assertion.")
    if left > LIFETIME_LIMIT_S:
        return Judgement(
            Level.ERROR,
            f"It expires {left:.0f} s from now by {clock}; Box allows {LIFETIME_LIMIT_S} s.",
            "Shorten its lifetime, or set this server's clock.",
        )
    return Judgement(Level.OK, f"In {left:.0f} s by {clock}; Box allows {LIFETIME_LIMIT_S} s.")


def _begin(claims: Mapping[str, Any], name: str, now: datetime) -> Judgement:
    value = claims[name]
    if isinstance(value, int) and value <= now.timestamp() + 1:
        return Judgement(Level.OK, "Already valid.")
    return Judgement(
        Level.WARNING, "It isn't valid yet.", "Leave it out, or set this server's clock."
    )
