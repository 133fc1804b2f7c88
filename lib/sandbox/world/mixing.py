"""Chance as a pure function: the same inputs give the same number in every process and version.

Nothing here is for security, and nothing uses `hash()` or the global `random`, whose values
may change between processes.
"""

from hashlib import blake2b

_MASK = (1 << 64) - 1


def salt(seed: int, purpose: str) -> int:
    """64 bits that stand for one use of chance in one world."""
    return int.from_bytes(blake2b(f"{seed}:{purpose}".encode(), digest_size=8).digest(), "big")


def mix(a: int, b: int = 0, c: int = 0) -> int:
    """64 well mixed bits out of up to three integers (the finaliser of splitmix64)."""
    x = (
        a * 0x9E3779B97F4A7C15
        + b * 0xC2B2AE3D27D4EB4F
        + c * 0x165667B19E3779F9
        + 0x27D4EB2F165667C5
    ) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def unit(a: int, b: int = 0, c: int = 0) -> float:
    """A number from 0 up to, not including, 1."""
    return (mix(a, b, c) >> 11) * 2.0**-53


class Scramble:
    """A one-to-one map of the integers below 2**bits, to make ids that look unordered."""

    def __init__(self, key: int, bits: int) -> None:
        self._mask = (1 << bits) - 1
        self._odd = (key | 1) & self._mask
        self._inverse = pow(self._odd, -1, 1 << bits)
        self._flip = mix(key, bits) & self._mask
        self._shift = bits // 2 + 1

    def forward(self, value: int) -> int:
        """The scrambled value."""
        x = ((value ^ self._flip) * self._odd) & self._mask
        return ((x ^ (x >> self._shift)) * self._odd) & self._mask

    def back(self, value: int) -> int:
        """The value that `forward` made this of."""
        x = (value * self._inverse) & self._mask
        x ^= x >> self._shift
        return ((x * self._inverse) & self._mask) ^ self._flip
