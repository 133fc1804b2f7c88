"""Which way to sign in fits which road: what a check sees under another one proves nothing there.

On the roads of Kloudless the profile needs a Kloudless application. It may have no Box app; one
that it has must sign in as the road's app does, since its checks speak for the road too.
"""

from collections.abc import Mapping
from typing import Final

from lib.core.errors import ConfigurationError, Who
from lib.runbook.goals import Road
from lib.settings.profiles import BoxAuth, Profile

FITS: Final[Mapping[Road, frozenset[BoxAuth]]] = {
    Road.BOX_JWT: frozenset({BoxAuth.JWT}),
    Road.BOX_CCG: frozenset({BoxAuth.CCG}),
    Road.BOX_OAUTH: frozenset({BoxAuth.OAUTH}),
    Road.KLOUDLESS_OAUTH: frozenset({BoxAuth.OAUTH}),
    Road.KLOUDLESS_JWT: frozenset({BoxAuth.JWT}),
    Road.KLOUDLESS_IMPORT: frozenset({BoxAuth.JWT}),
}
"""How the Box app of a profile must sign in on each road. A developer token fits none."""


def fits(profile: Profile, road: Road) -> bool:
    """Whether the profile can take the road."""
    box = profile.box
    if road.is_kloudless:
        return profile.kloudless is not None and (box is None or box.auth in FITS[road])
    return box is not None and box.auth in FITS[road]


def roads_that_fit(profile: Profile) -> tuple[Road, ...]:
    """The roads that the profile can take, in their order."""
    return tuple(road for road in Road if fits(profile, road))


def unfit(profile: Profile, road: Road) -> ConfigurationError | None:
    """Why the profile can't take the road, and which it can; None when it can."""
    if fits(profile, road):
        return None
    others = ", ".join(roads_that_fit(profile))
    return ConfigurationError(
        f"This profile can't take the road {road}.",
        cause=_cause(profile, road),
        fix=f"Choose a road that fits: {others}."
        if others
        else "No road fits this profile. Choose another profile, or enter other credentials.",
        who=Who.YOU,
    )


def _cause(profile: Profile, road: Road) -> str:
    if road.is_kloudless and profile.kloudless is None:
        return "The road needs a Kloudless application, and the profile has none."
    needed = " or ".join(sorted(FITS[road]))
    if profile.box is None:
        return f"The road needs a Box app that signs in with {needed}, and the profile has none."
    return f"The road's Box app signs in with {needed}, the profile's with {profile.box.auth}."
