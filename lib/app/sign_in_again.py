"""Signs in again for a configured profile whose refresh token no longer works.

The new token replaces the kept one for everybody who works with this profile, so it is kept only
when Box says that it is of the user and enterprise that the settings name. Who may do this is for
the pages to decide; that it was done goes into the audit record.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from lib.app.clients import Clients
from lib.box.sign_in import SignedIn, same_person, sign_in
from lib.core.redaction import Secret
from lib.http import build_client
from lib.settings.profiles import BoxCredentials, Profile
from lib.store.ledger.records import AuditEntry

WHAT: Final = "sign_in_again"


def sign_in_again(
    clients: Clients,
    profile: Profile,
    *,
    code: Secret,
    redirect_uri: str | None,
    audit: Callable[[AuditEntry], None],
    now: Callable[[], datetime],
) -> SignedIn:
    """Exchange the code and keep its refresh token as this profile's.

    Raises TokenError, Unreachable, RateLimited, StoreError, and RunbookError for the wrong person;
    then the old token stays.
    """
    signed_in: SignedIn | None = None
    outcome = "refused"
    try:
        signed_in = _exchanged(clients, profile, code, redirect_uri)
        clients.renew(profile, signed_in.refresh_token)
        outcome = "ok"
    finally:
        subject = f"user {signed_in.user_id}" if signed_in is not None else None
        audit(AuditEntry(now(), "visitor", WHAT, profile.key, subject, outcome))
    return signed_in


def _exchanged(
    clients: Clients, profile: Profile, code: Secret, redirect_uri: str | None
) -> SignedIn:
    box = profile.box or BoxCredentials()
    with build_client(clients.egress(profile), clients.journal(profile)) as http:
        signed_in = sign_in(box, http, code=code, redirect_uri=redirect_uri)
    same_person(box, signed_in)
    return signed_in
