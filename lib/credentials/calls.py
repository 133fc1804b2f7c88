"""The calls behind “Try it” and the table of enterprises, over a client from the caller.

Each function makes the fewest calls that prove the point, measures them, and returns a failure that
has a known cause instead of raising it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from lib.box.client import BoxClient
from lib.box.sign_in import ME_FIELDS, SignedIn, sign_in
from lib.box.tokens.auth import RefreshTokens, Subject, SubjectType, for_enterprise, token_source
from lib.core.errors import RunbookError
from lib.core.redaction import Secret
from lib.credentials.first_call import UNPROVEN_SCOPES, box_facts, kloudless_facts
from lib.http import Egress, Journal, build_client
from lib.http.outcome import Outcome, failed
from lib.kloudless import KloudlessClient
from lib.settings.profiles import BoxCredentials, KloudlessCredentials

BOX_TITLE: Final = "Box"
KLOUDLESS_TITLE: Final = "Kloudless"


@dataclass(frozen=True, slots=True)
class Line:
    """A client for one profile, its journal, and the clock."""

    http: httpx.Client
    journal: Journal
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic


def open_line(egress: Egress) -> Line:
    """A client of its own for one try: nothing is shared with other sessions or earlier tries."""
    journal = Journal(limit=50)
    return Line(build_client(egress, journal), journal)


def try_box(
    line: Line, credentials: BoxCredentials, *, refresh_tokens: RefreshTokens | None = None
) -> Outcome:
    """A token, then `GET /users/me`. Refresh tokens are taken from and kept in `refresh_tokens`."""
    at, started = line.now(), line.monotonic()
    source = None
    try:
        source = token_source(credentials, line.http, line.now, refresh_tokens=refresh_tokens)
        token = source.token()
        me: Mapping[str, Any] = BoxClient(line.http, source, api_url=credentials.api_url).me(
            fields=ME_FIELDS
        )
    except RunbookError as error:
        return failed(
            f"{BOX_TITLE} refused"
            if getattr(error, "status", None)
            else f"{BOX_TITLE} not reached",
            error,
            at=at,
            ms=_ms(line, started),
            calls=line.journal.calls,
            skew_s=source.skew_s if source else None,
        )
    return Outcome(
        "Box answered: these credentials work",
        ok=True,
        at=at,
        ms=_ms(line, started),
        facts=box_facts(me, credentials, token_ends_at=token.expires_at),
        unproven=UNPROVEN_SCOPES,
        skew_s=source.skew_s,
        calls=line.journal.calls,
    )


def sign_in_box(
    line: Line, credentials: BoxCredentials, *, code: Secret, redirect_uri: str | None
) -> tuple[SignedIn, Outcome]:
    """Exchange a code, and ask who signed in. Raises RunbookError when Box refuses the code."""
    at, started = line.now(), line.monotonic()
    found = sign_in(credentials, line.http, code=code, redirect_uri=redirect_uri)
    how: dict[str, Any] = {"at": at, "ms": _ms(line, started), "calls": line.journal.calls}
    if found.problem is not None:
        return found, failed("Box gave tokens, but refused them", found.problem, **how)
    facts = box_facts(found.me, credentials, token_ends_at=found.token.expires_at)
    title = "Signed in: these credentials work"
    return found, Outcome(title, ok=True, facts=facts, unproven=UNPROVEN_SCOPES, **how)


def enterprise_prover(line: Line, credentials: BoxCredentials) -> Callable[[str], str]:
    """A function that gets a token for an enterprise and returns the enterprise's name.

    It raises RunbookError when Box refuses.
    """

    def prove(enterprise_id: str) -> str:
        theirs = for_enterprise(credentials, enterprise_id)
        source = token_source(
            theirs, line.http, line.now, subject=Subject(SubjectType.ENTERPRISE, enterprise_id)
        )
        me = BoxClient(line.http, source, api_url=theirs.api_url).me(fields=("id", "enterprise"))
        enterprise = me.get("enterprise")
        return str(enterprise.get("name") or "") if isinstance(enterprise, Mapping) else ""

    return prove


def try_kloudless(line: Line, credentials: KloudlessCredentials) -> Outcome:
    """One page of one account."""
    at, started = line.now(), line.monotonic()
    try:
        client = KloudlessClient(
            line.http, credentials.base_url, credentials.app_id, api_key=credentials.api_key
        )
        page = client.accounts(page=1, page_size=1)
    except RunbookError as error:
        return failed(
            f"{KLOUDLESS_TITLE} refused"
            if getattr(error, "status", None)
            else f"{KLOUDLESS_TITLE} not reached",
            error,
            at=at,
            ms=_ms(line, started),
            calls=line.journal.calls,
        )
    return Outcome(
        "Kloudless answered: the application and its key work",
        ok=True,
        at=at,
        ms=_ms(line, started),
        facts=kloudless_facts(page.total or len(page.objects), next(iter(page.objects), None)),
        calls=line.journal.calls,
    )


def _ms(line: Line, started: float) -> float:
    return round((line.monotonic() - started) * 1000, 1)
