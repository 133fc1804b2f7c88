"""Whether a person's token shows admin rights in an enterprise, according to Box.

Kloudless requires this before it accepts an organisation over JWT: the person is an admin or
co-admin of that enterprise. One read call; the token is kept nowhere. Source: Box API reference,
`GET /users/me`.
"""

from dataclasses import dataclass
from typing import Any, Final

import httpx

from lib.box.client import BoxClient
from lib.box.tokens.auth import Token, fixed_token
from lib.core.errors import RunbookError, Who
from lib.core.redaction import Secret

ROLES: Final = {"admin": "the primary admin", "coadmin": "a co-admin"}
FIELDS: Final = ("id", "name", "login", "role", "enterprise")


@dataclass(frozen=True, slots=True)
class AdminProof:
    """The owner of the token: an admin or co-admin (`role`) of `enterprise_id`."""

    user_id: str
    name: str
    login: str
    role: str
    enterprise_id: str

    @property
    def words(self) -> str:
        """“Ada (ada@example.com) is a co-admin of enterprise 123.”."""
        return (
            f"{self.name} ({self.login}) is {ROLES[self.role]} of enterprise {self.enterprise_id}."
        )


def prove_admin(
    http: httpx.Client, token: Secret, *, api_url: str, enterprise_id: str
) -> AdminProof:
    """Ask Box whose token it is, and compare.

    Raises RunbookError when the token shows no admin of that enterprise; BoxApiError (401: the
    token expired or was revoked), Unreachable, RateLimited.
    """
    client = BoxClient(http, fixed_token(Token(token, None), "proof"), api_url=api_url)
    me: Any = client.me(fields=FIELDS)
    enterprise = me.get("enterprise")
    found = AdminProof(
        user_id=str(me.get("id") or ""),
        name=str(me.get("name") or "A user without a name"),
        login=str(me.get("login") or "no login"),
        role=str(me.get("role") or ""),
        enterprise_id=str(enterprise.get("id") or "") if isinstance(enterprise, dict) else "",
    )
    _compare(found, enterprise_id)
    return found


def _compare(found: AdminProof, requested: str) -> None:
    person = f"{found.name} ({found.login})"
    if not found.enterprise_id:
        raise RunbookError(
            f"The token belongs to {person}, who isn't part of an enterprise.",
            cause="Box names no enterprise for this user.",
            fix=f"Use the token of an admin or co-admin of enterprise {requested}.",
            who=Who.YOU,
        )
    if found.enterprise_id != requested:
        raise RunbookError(
            f"The token belongs to {person}, of another enterprise.",
            cause=f"Box reports enterprise {found.enterprise_id}; you entered {requested}.",
            fix="Correct the enterprise ID, or use the token of an admin of that enterprise.",
            who=Who.YOU,
        )
    if found.role not in ROLES:
        raise RunbookError(
            f"The token belongs to {person}, who isn't an admin.",
            cause=f"Box reports the role {found.role or 'none'}; admin or coadmin is needed.",
            fix="Let an admin or co-admin of that enterprise sign in, and use that token.",
            who=Who.BOX_ADMIN,
        )
