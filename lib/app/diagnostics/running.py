"""What a diagnostics file looks at in a running process, as far as it needs to know it."""

from collections.abc import Mapping, Sized
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from lib.app.hosting import Hosting
from lib.core.errors import RunbookError
from lib.settings.profiles import Profile, Settings

if TYPE_CHECKING:
    from lib.app.background.draining import Drainer
    from lib.app.background.reading import Reader
    from lib.app.background.watching import Watch
    from lib.app.clients import Clients
    from lib.app.practice.sandbox_process import Sandbox
    from lib.store import Stores


class RunningOwner(Protocol):
    """A process that owns the stores."""

    stores: "Stores"
    drainer: "Drainer"
    started_at: datetime

    @property
    def settings(self) -> Settings:
        """The host's settings."""

    @property
    def clients(self) -> "Clients":
        """The clients of its profiles."""

    @property
    def readers(self) -> Mapping[str, "Reader"]:
        """What is being read now, by profile key."""


class RunningApp(Protocol):
    """The app, whether or not it owns the stores."""

    settings: Settings
    problem: RunbookError | None
    started_at: datetime
    clients: "Clients"
    sandbox: "Sandbox"

    @property
    def needs_sandbox(self) -> bool:
        """Whether no profile is configured."""

    @property
    def owner(self) -> bool:
        """Whether it has the data folder, or is about to."""

    @property
    def open_owner(self) -> RunningOwner | None:
        """The owner's part, once its stores are open."""

    @property
    def store_problem(self) -> RunbookError | None:
        """Why the stores can't be opened."""

    @property
    def sessions(self) -> Sized:
        """The sessions with a profile of their own."""

    def hosting(self, settings: Settings, /) -> Hosting:
        """How it is reached."""

    def watch_for(self, profile: Profile) -> "Watch":
        """The checking of a profile."""
