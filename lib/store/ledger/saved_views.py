"""Saved views in the ledger: a name and the parameters of an address, for one profile.

What the parameters mean is not looked into here; they hold ids, types and times, nothing personal.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, String, Table, Text, delete, func, insert, select

from lib.core.errors import StoreError, Who
from lib.store.ledger.delivery_records import Transaction
from lib.store.ledger.tables import UtcTime, metadata

MOST_NAME: Final = 60
MOST_VIEWS: Final = 200
"""Views of one profile."""

saved_views = Table(
    "saved_views",
    metadata,
    Column("profile", String(80), primary_key=True),
    Column("name", String(MOST_NAME), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("parameters", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view: its name, unique in its profile, and the parameters of its address."""

    profile: str
    name: str
    parameters: Mapping[str, str]
    at: datetime


class Views:
    """The saved views of profiles in one ledger."""

    def __init__(self, write: Transaction, read: Transaction) -> None:
        self._write = write
        self._read = read

    def keep(self, view: SavedView) -> None:
        """Add a view, in the place of one of the same name. Raises StoreError."""
        if not view.name or len(view.name) > MOST_NAME:
            raise StoreError(
                "The view has no valid name.",
                cause=f"A name has 1 to {MOST_NAME} characters.",
                fix="Enter a name, then save it again.",
                who=Who.YOU,
            )
        text = json.dumps(dict(view.parameters), ensure_ascii=False, sort_keys=True)
        here = saved_views.c.profile == view.profile
        with self._write() as connection:
            connection.execute(delete(saved_views).where(here, saved_views.c.name == view.name))
            existing = connection.execute(select(func.count()).where(here)).scalar_one()
            if existing >= MOST_VIEWS:
                raise StoreError(
                    "The view was not saved.",
                    cause=f"A profile can have up to {MOST_VIEWS} views.",
                    fix="Delete a view that nobody needs.",
                    who=Who.YOU,
                )
            connection.execute(
                insert(saved_views).values(
                    profile=view.profile, name=view.name, at=view.at, parameters=text
                )
            )

    def of(self, profile: str) -> list[SavedView]:
        """The views of a profile by name."""
        query = (
            select(saved_views).where(saved_views.c.profile == profile).order_by(saved_views.c.name)
        )
        with self._read() as connection:
            return [
                SavedView(row["profile"], row["name"], json.loads(row["parameters"]), row["at"])
                for row in connection.execute(query).mappings()
            ]

    def forget(self, profile: str, name: str) -> None:
        """Remove a view; one that isn't there is no error."""
        with self._write() as connection:
            connection.execute(
                delete(saved_views).where(
                    saved_views.c.profile == profile, saved_views.c.name == name
                )
            )
