"""The addresses from which people act: office, home, phone, VPN, services."""

from lib.sandbox.world.clockwork import DAY_MS, EPOCH_ORDINAL, OFFICES
from lib.sandbox.world.mixing import mix, salt
from lib.sandbox.world.model import IDLESS, NOBODY, Action
from lib.sandbox.world.people import Directory

_OFFICE_NUMBER = {office.name: number for number, office in enumerate(OFFICES)}
_VPN_PERIOD, _VPN_FIRST, _VPN_LAST = 28, 9, 13


class Addresses:
    """Which address an action comes from; the same one for the same action."""

    def __init__(self, seed: int, directory: Directory) -> None:
        self._directory = directory
        self._salt = salt(seed, "addresses")

    def of(self, action: Action, chance: int) -> str:  # noqa: PLR0911  # a list of cases
        """One of an actor's usual addresses: office, home, phone; now and then unknown."""
        if chance >> 48 & 255 == 0:
            return "Unknown IP"
        actor = action.actor
        if actor < 0:
            return "Unknown IP" if actor in (NOBODY, IDLESS) else f"198.19.{30 + chance % 60}.9"
        person = self._directory.people[actor]
        own = mix(self._salt, actor)
        if person.kind in ("service", "app_user"):
            return f"198.18.250.{10 + actor % 40}"
        if person.kind == "external":
            return f"198.18.{240 + actor % 8}.{2 + own % 250}"
        place = chance >> 52 & 255
        office = _OFFICE_NUMBER[person.office]
        if place < 90 and self._on_new_vpn(action.t, office):  # noqa: PLR2004
            period = (action.t // DAY_MS + EPOCH_ORDINAL) // _VPN_PERIOD
            return f"198.19.{160 + period % 50}.{7 + own % 3}"
        if place < 178:  # noqa: PLR2004
            return f"198.18.{office}.{10 + own % 6}"
        if place < 244 or office == 4:  # noqa: PLR2004
            return f"198.18.{16 + own % 220}.{2 + (own >> 8) % 250}"
        return f"2001:db8:{office + 10:x}:{own & 0xFFFF:x}::{own >> 16 & 0xFF:x}"

    @staticmethod
    def _on_new_vpn(ms: int, office: int) -> bool:
        """Every 28 days one office tries a new VPN for some days: new networks, nothing wrong."""
        period, day = divmod(ms // DAY_MS + EPOCH_ORDINAL, _VPN_PERIOD)
        return period % len(OFFICES) == office and _VPN_FIRST <= day <= _VPN_LAST
