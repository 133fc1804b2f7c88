"""One document about this process and its data folder, for a report; each section by itself.

What can't be found out is named in its section, with the reason, and listed at the top: a
diagnostics file is needed when something is broken. Everything is only read; nothing is opened for
writing, created or repaired.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lib.app.diagnostics import contents, surroundings
from lib.app.diagnostics.configuration import (
    aliases,
    describe_settings,
    known_values,
    profile_values,
)
from lib.app.diagnostics.faults import describe, failed_calls, logged
from lib.app.diagnostics.plain_words import Scrubber, host_class, host_of
from lib.app.hosting import Hosting
from lib.app.last_errors import LAST_ERRORS
from lib.core.errors import RunbookError
from lib.core.time_texts import stamp
from lib.settings.profiles import SANDBOX_KEY, Origin, Profile, Settings

if TYPE_CHECKING:
    from lib.app.background.draining import Drainer
    from lib.app.background.reading import Reader
    from lib.app.clients import Clients

FORMAT: Final = 1
NOT_FOUND_OUT: Final = "not found out"
"""The field that stands in the place of a part that failed."""
SANDBOX_S: Final = 2.0

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DiagnosticsSources:
    """What there is to look at. What is None isn't available in this process.

    `problem` is why settings or stores can't be used; `events` asks the event store that this
    process has open, `no_events` says why there is none; `own` is the session profile of who asks,
    with the records of its verdicts.
    """

    kind: str
    version: str
    data_dir: Path
    started_at: datetime
    settings: Settings | None = None
    problem: RunbookError | None = None
    origins: Callable[[], Mapping[str, Origin]] = dict
    owner: str = "unknown"
    hosting: Callable[[], Hosting] = Hosting
    events: contents.Query | None = None
    no_events: str = ""
    clients: "Clients | None" = None
    drainer: "Drainer | None" = None
    sandbox_url: str | None = None
    sandbox_state: str = "unknown"
    given_by_sandbox: Profile | None = None
    readers: Mapping[str, "Reader"] = field(default_factory=dict)
    sessions: int | None = None
    own: tuple[Profile, Callable[[], list[Mapping[str, Any]]]] | None = None

    @property
    def stores(self) -> Settings:
        """Settings that at least know where the data folder is."""
        return self.settings or Settings(self.data_dir, {})


class _Sections:
    """Runs the parts of a document; one that fails says so in its place."""

    def __init__(self) -> None:
        self.missing: list[dict[str, Any]] = []
        self._path: list[str] = []

    def add(self, document: Document, name: str, find: Callable[[], Any]) -> None:
        self._path.append(name)
        document[name] = self.guard(find)
        self._path.pop()

    def guard(self, find: Callable[[], Any]) -> Any:
        try:
            return find()
        except Exception as error:  # noqa: BLE001  # whatever is broken is what the file is for
            why = describe(error)
            self.missing.append({"part": ", ".join(self._path), **why})
            return {NOT_FOUND_OUT: why}

    def lack(self, part: str, why: str) -> dict[str, str]:
        self.missing.append({"part": part, "says": why})
        return {NOT_FOUND_OUT: why}


def collect(subject: DiagnosticsSources, *, now: datetime, profile: str | None = None) -> Document:
    """The document; with `profile` its checks and calls are those of that profile alone.

    Never raises: see the top of the module.
    """
    sections = _Sections()
    names = {SANDBOX_KEY: SANDBOX_KEY}
    if subject.settings is not None:
        names |= aliases(subject.settings.profiles)
    chosen = {key: name for key, name in names.items() if profile in (None, key)}
    document: Document = {"diagnostics": FORMAT, "made_at": stamp(now), "made_by": subject.kind}
    document["missing"] = sections.missing
    add = sections.add
    add(document, "versions", lambda: surroundings.versions(subject.version) | _engines())
    add(document, "machine", surroundings.machine)
    add(document, "runs", lambda: _runs(subject, sections, now))
    add(document, "settings", lambda: _settings(subject))
    add(document, "errors", lambda: logged(LAST_ERRORS.lines))
    add(document, "calls", lambda: failed_calls(_journals(subject, chosen)))
    add(document, "reading", lambda: _reading(subject, chosen, now))
    add(document, "checks", lambda: _checks(subject, chosen, sections, now))
    add(document, "stores", lambda: _stores(subject, sections, now))
    return scrub(document, subject)


def scrub(document: Document, subject: DiagnosticsSources | None = None) -> Document:
    """The second net over a finished document: see `plain_words.Scrubber`."""
    known: list[str] = []
    if subject is not None:
        known += known_values(subject.settings)
        if subject.given_by_sandbox is not None:
            known += profile_values(subject.given_by_sandbox)
        if subject.own is not None:
            known += profile_values(subject.own[0])
    found: Document = Scrubber(known).document(document)
    return found


def _engines() -> dict[str, Any]:
    from lib.store.versions import known  # noqa: PLC0415  # loads the engines: a part that can fail

    return {"store schemas": known()}


def _runs(subject: DiagnosticsSources, sections: _Sections, now: datetime) -> dict[str, Any]:
    hosting = subject.hosting()
    found = {
        "as": subject.kind,
        "since": stamp(subject.started_at),
        "uptime_s": round((now - subject.started_at).total_seconds()),
        "owns the data folder": subject.owner,
        "listens on": hosting.listens.value,
        "base path set": hosting.base_path,
        "TLS": hosting.tls,
        "server": hosting.server,
        "configured profiles": hosting.access,
        "browser sessions": hosting.visits,
        "session profiles with events": subject.sessions,
        "threads": threading.active_count(),
    }
    if subject.problem is not None:
        found["problem at the start"] = describe(subject.problem)
    if subject.drainer is not None and subject.drainer.problem is not None:
        found["problem of the drain"] = describe(subject.drainer.problem)
    found["sandbox"] = subject.sandbox_state
    if subject.sandbox_url is not None:
        url = subject.sandbox_url
        sections.add(found, "sandbox asked", lambda: _sandbox(url))
    return found


def _sandbox(url: str) -> dict[str, Any]:
    import httpx  # noqa: PLC0415  # a part that can fail

    with httpx.Client(timeout=SANDBOX_S, trust_env=False) as client:
        answer = client.get(f"{url}/sandbox/faults")
    return {"status": answer.status_code, "host": host_class(host_of(url))}


def _settings(subject: DiagnosticsSources) -> dict[str, Any]:
    origins = subject.settings.origins if subject.settings is not None else subject.origins()
    return describe_settings(origins, subject.settings)


def _journals(subject: DiagnosticsSources, names: Mapping[str, str]) -> list[tuple[str, Any]]:
    if subject.clients is None:
        return []
    own = {subject.own[0].key: "this session"} if subject.own is not None else {}
    shown = {**names, **own}
    return [
        (shown[key], journal.calls)
        for key, journal in subject.clients.journals().items()
        if key in shown
    ]


def _reading(
    subject: DiagnosticsSources, names: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, reader in subject.readers.items():
        if key not in names:
            continue
        job, connection = reader.job, reader.connection
        one: dict[str, Any] = {
            "last complete": stamp(reader.read_at) if reader.read_at else "not yet",
            "age_s": round((now - reader.read_at).total_seconds()) if reader.read_at else None,
        }
        if job is not None:
            snapshot = job.snapshot()
            one |= {"run": snapshot.state.value, "read": snapshot.read, "added": snapshot.added}
            if snapshot.error is not None:
                one["error of the run"] = describe(snapshot.error)
        if connection is not None and connection.error is not None:
            one["error of the connection"] = describe(connection.error)
        found[names[key]] = one
    return found


def _checks(
    subject: DiagnosticsSources, names: Mapping[str, str], sections: _Sections, now: datetime
) -> dict[str, Any]:
    from lib.app.diagnostics.verdicts import describe_verdicts  # noqa: PLC0415  # a part that can fail

    found: dict[str, Any] = {}
    if subject.own is not None:
        _profile, records = subject.own
        sections.add(found, "this session", lambda: describe_verdicts(records(), now))
    with contents.reading_ledger(subject.stores) as query:
        for key, name in names.items():
            kept = contents.verdict_records(query, key)
            if kept or key != SANDBOX_KEY:
                found[name] = describe_verdicts(kept, now)
    return found


def _stores(subject: DiagnosticsSources, sections: _Sections, now: datetime) -> dict[str, Any]:
    settings, guard, add = subject.stores, sections.guard, sections.add
    found: dict[str, Any] = {}
    add(found, "folder", lambda: contents.folder(settings))
    add(found, "sizes", lambda: contents.sizes(settings))
    add(found, "ledger", lambda: contents.ledger(settings, now, guard))
    if subject.events is not None:
        query = subject.events
        add(found, "event store", lambda: contents.events(query, guard))
    else:
        found["event store"] = sections.lack("stores, event store", subject.no_events)
    return found
