"""The Kloudless API: accounts, consent, activity, team, storage, pass-through.

Start with `connect`. Nothing in here keeps anything on disk.
"""

from lib.core.errors import ConfigurationError, Who
from lib.http import Egress, Journal, Policy, build_client
from lib.kloudless.api_errors import ObjectPage
from lib.kloudless.client import KloudlessClient
from lib.settings.profiles import Profile

__all__ = ["KloudlessClient", "ObjectPage", "connect"]


def connect(
    profile: Profile, *, egress: Egress, journal: Journal, policy: Policy | None = None
) -> KloudlessClient:
    """A client for the profile's Kloudless application; no call is made yet. Close it when done.

    Raises ConfigurationError when the profile has none, or no address.
    """
    credentials = profile.kloudless
    if credentials is None:
        raise ConfigurationError(
            f"The profile {profile.label!r} has no Kloudless application.",
            cause="It contains only a Box app.",
            fix="Enter the address, application ID and API key, or choose another profile.",
            who=Who.YOU,
        )
    http = build_client(egress, journal, policy=policy)
    try:
        return KloudlessClient(
            http, credentials.base_url, credentials.app_id, api_key=credentials.api_key
        )
    except Exception:
        http.close()
        raise
