"""The signed deliveries of `tests/vectors`, shared by all that verifies: functions, routes, CLI."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lib.box.signatures import SignatureKeys
from lib.core.redaction import Secret

FOLDER = Path(__file__).parent / "vectors"


@dataclass(frozen=True, slots=True)
class Vector:
    """One delivery and what must be said of it."""

    name: str
    kind: str
    keys: dict[str, str]
    at: datetime
    headers: dict[str, str]
    body: bytes
    expect: dict[str, Any]

    @property
    def box_keys(self) -> SignatureKeys:
        return SignatureKeys(
            Secret.of(self.keys.get("primary")), Secret.of(self.keys.get("secondary"))
        )

    @property
    def api_key(self) -> Secret | None:
        return Secret.of(self.keys.get("api_key"))


def vectors(kind: str) -> list[Vector]:
    """The vectors of `box` or `kloudless`."""
    found = json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    return [
        Vector(
            **{**one, "at": datetime.fromisoformat(one["at"]), "body": one["body"].encode()},
        )
        for one in found
    ]
