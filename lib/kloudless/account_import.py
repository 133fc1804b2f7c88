"""An account import before it is sent: the input, its problems, body and preview.

Confirmed names are account, service, token, refresh_token, token_expiry and refresh_token_expiry.
Which ones Kloudless expects for a Box organisation is no longer published anywhere: `CONVENTION` is
this project's own, and each of its names can be changed. The preview never holds a secret. Sources:
the published Kloudless SDKs and their tests.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from lib.core.redaction import HIDDEN, Secret, redact
from lib.core.time_texts import rfc3339, time_of

SERVICE: Final = "box"
LONGEST_NAME: Final = 100
LONGEST_TOKEN: Final = 4096
_ENTERPRISE: Final = "enterprise_id"


class Filled(StrEnum):
    """What fills an extra field, besides a text."""

    ENTERPRISE_ID = "The enterprise ID"
    PROOF_TOKEN = "The proof token"  # noqa: S105  # the name of a choice


@dataclass(frozen=True, slots=True)
class ExtraField:
    """A field beside the confirmed ones. `value` is one of `Filled`, JSON, or else a text."""

    name: str
    value: str


CONVENTION: Final = (
    ExtraField("token", Filled.PROOF_TOKEN),
    ExtraField("admin", "true"),
    ExtraField(_ENTERPRISE, Filled.ENTERPRISE_ID),
)
"""How this project asks for a Box organisation over JWT, until its Kloudless is known better."""


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """The input. For an `organisation` no tokens of its own are sent, only its proof token.

    The expiries are ISO 8601 texts as they were typed.
    """

    account: str = ""
    organisation: bool = False
    token: Secret | None = None
    refresh_token: Secret | None = None
    token_expiry: str = ""
    refresh_token_expiry: str = ""
    enterprise_id: str = ""
    proof_token: Secret | None = None
    extra: tuple[ExtraField, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """A problem of the input: it prevents sending, or (`warning`) doesn't. Safe to show."""

    field: str
    text: str
    fix: str = ""
    warning: bool = False


def problems(order: ImportOrder, now: datetime) -> tuple[ImportProblem, ...]:
    """Every problem of an order; it can be sent when all of them are warnings."""
    return tuple(_problems(order, now))


def sendable(order: ImportOrder, now: datetime) -> bool:
    """Whether no problem prevents sending it."""
    return all(problem.warning for problem in problems(order, now))


def body(order: ImportOrder) -> dict[str, Any]:
    """The body of the POST; its secrets are still wrapped."""
    return dict(_fields(order))


def preview(order: ImportOrder, base_url: str) -> str:
    """The request as it will be sent, its secrets hidden."""
    shown = {
        name: HIDDEN if isinstance(value, Secret) else value for name, value in body(order).items()
    }
    lines = (
        f"POST {base_url.rstrip('/')}/accounts/",
        f"Authorization: APIKey {HIDDEN}",
        "Content-Type: application/json",
        "",
        redact(json.dumps(shown, indent=2, ensure_ascii=False)),
    )
    return "\n".join(lines)


def read_expiry(text: str) -> datetime | None:
    """A time as it was typed, in UTC; None when it is none. Without a zone, UTC is meant."""
    return time_of(text.strip(), without_offset=UTC)


def token_problem(field: str, token: Secret) -> ImportProblem | None:
    """What is wrong with a token, as far as its text shows."""
    value = token.reveal()
    if value.lower().startswith(("bearer ", "apikey ")):
        return ImportProblem(field, "It starts with the scheme of a header.", "Leave out Bearer.")
    if any(char.isspace() for char in value):
        return ImportProblem(field, "It contains a space or a line break.", "Copy it again.")
    if len(value) > LONGEST_TOKEN:
        return ImportProblem(
            field, f"It is longer than {LONGEST_TOKEN} characters.", "Copy only the token."
        )
    return None


def _fields(order: ImportOrder) -> Iterator[tuple[str, Any]]:
    """Names and values in their order; the secret ones wrapped."""
    yield "account", order.account.strip()
    yield "service", SERVICE
    if not order.organisation:
        tokens = (("token", order.token), ("refresh_token", order.refresh_token))
        yield from ((name, token) for name, token in tokens if token)
        for name, text in _expiries(order):
            instant = read_expiry(text)
            yield name, rfc3339(instant) if instant else text
    for field in order.extra:
        yield field.name.strip(), _value(order, field)


def _expiries(order: ImportOrder) -> list[tuple[str, str]]:
    typed = (
        ("token_expiry", order.token_expiry),
        ("refresh_token_expiry", order.refresh_token_expiry),
    )
    return [(name, text) for name, text in typed if text.strip()]


def _value(order: ImportOrder, field: ExtraField) -> Any:
    if field.value == Filled.ENTERPRISE_ID:
        return order.enterprise_id.strip()
    if field.value == Filled.PROOF_TOKEN:
        return order.proof_token or ""
    try:
        found = json.loads(field.value)
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):  # no JSON, or some that can't be sent
        return field.value
    return found


def _problems(order: ImportOrder, now: datetime) -> Iterator[ImportProblem]:
    if not order.account.strip():
        yield ImportProblem("account", "The name is missing.", "Usually it is the e-mail address.")
    if order.organisation:
        yield from _organisation_problems(order)
    else:
        yield from _token_problems(order, now)
    yield from _extra_problems(order)


def _organisation_problems(order: ImportOrder) -> Iterator[ImportProblem]:
    enterprise = order.enterprise_id.strip()
    if not enterprise:
        yield ImportProblem(
            _ENTERPRISE, "It is missing.", "A Box admin finds it in the Admin Console."
        )
    elif not (enterprise.isascii() and enterprise.isdigit()):
        yield ImportProblem(
            _ENTERPRISE, "It contains characters other than digits.", "Use digits only."
        )
    if not order.proof_token:
        yield ImportProblem(
            "proof_token",
            "It is missing.",
            "Let an admin or co-admin of that enterprise sign in to your OAuth app.",
        )
    else:
        problem = token_problem("proof_token", order.proof_token)
        if problem is not None:
            yield problem


def _token_problems(order: ImportOrder, now: datetime) -> Iterator[ImportProblem]:
    if not order.token:
        yield ImportProblem("token", "It is missing.", "Enter a Box access token of that person.")
    for name, token in (("token", order.token), ("refresh_token", order.refresh_token)):
        problem = token_problem(name, token) if token else None
        if problem is not None:
            yield problem
    for name, text in _expiries(order):
        instant = read_expiry(text)
        if instant is None:
            yield ImportProblem(
                name, "This isn't a time.", "Write it like 2026-11-30T18:00:00Z (ISO 8601)."
            )
        elif instant <= now:
            yield ImportProblem(name, "The time is in the past.", warning=True)
    if order.token and not order.refresh_token:
        yield ImportProblem(
            "refresh_token",
            "Without it Kloudless can't renew the token.",
            "The account stops working when it expires: a Box access token is valid "
            "for about an hour.",
            warning=True,
        )


def _extra_problems(order: ImportOrder) -> Iterator[ImportProblem]:
    seen = {name for name, _ in _fields(ImportOrder(organisation=True))}
    if not order.organisation:
        seen |= {"token", "refresh_token", "token_expiry", "refresh_token_expiry"}
    for place, field in enumerate(order.extra, start=1):
        name = field.name.strip()
        where = f"extra {place}"
        if not name:
            yield ImportProblem(where, "A field has no name.", "Name it, or remove it.")
        elif len(name) > LONGEST_NAME or not name.isprintable():
            yield ImportProblem(where, "The field's name can't be sent.", "Use a short word.")
        elif name in seen:
            yield ImportProblem(
                where, f"The field {name} is listed twice.", "Rename one, or remove it."
            )
        elif field.value in tuple(Filled) and not order.organisation:
            yield ImportProblem(
                where,
                f"{name}: only an import for an organisation has this value.",
                "Choose another value.",
            )
        seen.add(name)


def changed_tokens(
    *,
    token: Secret | None,
    refresh_token: Secret | None,
    token_expiry: str = "",
    refresh_token_expiry: str = "",
) -> Mapping[str, Any]:
    """The body of a PATCH that gives an account new tokens; they are still wrapped."""
    order = ImportOrder(
        token=token,
        refresh_token=refresh_token,
        token_expiry=token_expiry,
        refresh_token_expiry=refresh_token_expiry,
    )
    found = body(order)
    return {name: value for name, value in found.items() if name not in ("account", "service")}
