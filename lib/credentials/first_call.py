"""“Try it”: the smallest real call with a profile's credentials, and what its outcome means.

For Box a token and `GET /users/me`, for Kloudless one page of one account. What a call proved is
kept apart from what it didn't: a token says nothing about scopes until each one is used. Sources:
Box developer documentation (users/me, scopes), the Kloudless SDKs (accounts).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from lib.accounts.rows import ROLES, UserKind, user_row
from lib.http.outcome import Fact
from lib.settings.profiles import BoxAuth, BoxCredentials

UNPROVEN_SCOPES: Final = (
    ("Manage users and groups", "the Accounts page uses it"),
    ("Manage enterprise properties", "reading events on the Activity page uses it"),
    ("Read and write all files and folders", "not used by this call"),
)


def box_facts(
    me: Mapping[str, Any], credentials: BoxCredentials, *, token_ends_at: datetime | None
) -> tuple[Fact, ...]:
    """What `GET /users/me` shows about the identity of the app."""
    row = user_row(me)
    enterprise = me.get("enterprise")
    found = enterprise if isinstance(enterprise, Mapping) else {}
    facts = [
        Fact("Signed in as", f"{row.name} ({row.id})"),
        Fact("Login", row.login, verbatim=True),
        Fact("Kind", _kind_words(row.kind, str(me.get("role") or ""))),
        _enterprise_fact(found, credentials),
        Fact("Role", ROLES.get(str(me.get("role")), str(me.get("role") or "Not reported by Box"))),
    ]
    if row.status and row.status != "Active":
        facts.append(
            Fact("Status", row.status, "This user has fewer permissions than an active one.")
        )
    if token_ends_at is not None:
        facts.append(
            Fact("Token", f"valid until {token_ends_at:%H:%M} UTC, then renewed automatically")
        )
    elif credentials.auth is BoxAuth.DEVELOPER_TOKEN:
        facts.append(Fact("Token", "developer token, valid for 60 minutes after it was created"))
    return tuple(facts)


def _kind_words(kind: UserKind, role: str) -> str:
    if kind is UserKind.SERVICE:
        return "Service account of the app"
    if kind is UserKind.APP:
        return "App user"
    if role in ("admin", "coadmin"):
        return "A person with admin rights"
    return "A person or managed user"


def _enterprise_fact(enterprise: Mapping[str, Any], credentials: BoxCredentials) -> Fact:
    found = str(enterprise.get("id") or "")
    if not found:
        return Fact(
            "Enterprise",
            "none",
            "This user isn't part of an enterprise, so there are no enterprise events to read.",
        )
    value = f"{enterprise.get('name') or 'unnamed'} ({found})"
    requested = credentials.enterprise_id
    if requested and requested != found:
        return Fact(
            "Enterprise", value, "This isn't the enterprise of these credentials. Compare the IDs."
        )
    return Fact("Enterprise", value)


def kloudless_facts(total: int, first: Mapping[str, Any] | None) -> tuple[Fact, ...]:
    """What one page of one account shows about a Kloudless application."""
    facts = [Fact("Connected accounts", f"{total:,}")]
    if first is not None:
        facts.append(Fact("First one", str(first.get("account") or first.get("id")), verbatim=True))
    else:
        facts[0] = Fact("Connected accounts", "0", "No account is connected yet.")
    return tuple(facts)
