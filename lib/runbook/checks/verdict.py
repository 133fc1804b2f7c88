"""What a check found: its verdict, with cause, fix, who can do it, and the evidence.

Texts of the other side pass the redaction before they get in here, so a verdict is safe to show,
keep and export. It never holds a credential.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self

from lib.core import causes
from lib.core.call import Call
from lib.core.errors import ApiError, KeyProblem, RunbookError, Who
from lib.core.redaction import redact

_NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})


class Status(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    SKIPPED = "skipped"  # something it needs failed, or it does not apply here
    UNPROVEN = "unproven"  # it can't be shown without writing


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen.

    `request` is the method and path of the deciding call, `status` its HTTP status, `code` the
    other side's word for a fault, `request_ids` those of header and body. `compared` names what was
    looked at and its value; `note` is one sentence. `attempts` counts the deciding call's tries.
    """

    note: str = ""
    request: str | None = None
    status: int | None = None
    code: str | None = None
    request_ids: tuple[str, ...] = ()
    attempts: int = 0
    compared: Mapping[str, str] = field(default_factory=lambda: _NO_FACTS)

    def as_dict(self) -> dict[str, Any]:
        """As JSON prints it, without what is empty."""
        found = {
            "note": self.note,
            "request": self.request,
            "status": self.status,
            "code": self.code,
            "request_ids": list(self.request_ids),
            "attempts": self.attempts if self.attempts > 1 else None,
            "compared": dict(self.compared),
        }
        return {name: value for name, value in found.items() if value not in (None, "", [], {})}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Back from `as_dict`; what is missing or of the wrong kind is left out."""
        compared = value.get("compared")
        ids = value.get("request_ids")
        return cls(
            note=str(value.get("note") or ""),
            request=_text(value.get("request")),
            status=value["status"] if isinstance(value.get("status"), int) else None,
            code=_text(value.get("code")),
            request_ids=tuple(str(one) for one in ids) if isinstance(ids, list) else (),
            attempts=value["attempts"]
            if isinstance(value.get("attempts"), int)
            else int(bool(value.get("request"))),
            compared={str(k): str(v) for k, v in compared.items()}
            if isinstance(compared, dict)
            else _NO_FACTS,
        )


def evidence_of(call: Call | None) -> Evidence:
    """What one call shows; nothing where none decided."""
    if call is None:
        return Evidence()
    return Evidence(
        request=f"{call.method} {call.path}",
        status=call.status,
        code=call.error_code,
        request_ids=call.request_ids,
        attempts=call.attempt,
    )


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What a check's own code returns; the runner adds the rest of the verdict.

    `cause` is an id of the table of causes; `detail` stands in front of its text.
    """

    status: Status
    cause: str | None = None
    detail: str = ""
    note: str = ""
    compared: Mapping[str, str] = field(default_factory=lambda: _NO_FACTS)


def passed(note: str = "", **compared: Any) -> CheckOutcome:
    """It is true; `note` says what was seen."""
    return CheckOutcome(Status.PASSED, note=note, compared=_texts(compared))


def failed(cause: str, detail: str = "", **compared: Any) -> CheckOutcome:
    """It isn't true; `cause` says why, `detail` what was seen in this case."""
    return CheckOutcome(Status.FAILED, cause, detail, compared=_texts(compared))


def warning(cause: str, detail: str = "", **compared: Any) -> CheckOutcome:
    """It works, but needs attention."""
    return CheckOutcome(Status.WARNING, cause, detail, compared=_texts(compared))


def unproven(cause: str, detail: str = "", **compared: Any) -> CheckOutcome:
    """It can't be shown by reading."""
    return CheckOutcome(Status.UNPROVEN, cause, detail, compared=_texts(compared))


def skipped(cause: str, detail: str = "", **compared: Any) -> CheckOutcome:
    """It does not apply here."""
    return CheckOutcome(Status.SKIPPED, cause, detail, compared=_texts(compared))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check of one profile.

    `cause` is an id of the table of causes, None when passed. `where` is the way through the other
    side's console and `known_good` the ISO date it was read there. `ms` is how long it took, `at`
    when it ended (UTC).
    """

    id: str
    title: str
    status: Status
    at: datetime
    ms: float = 0.0
    cause: str | None = None
    cause_title: str = ""
    cause_text: str = ""
    fix: str = ""
    who: Who | None = None
    where: str | None = None
    known_good: str | None = None
    evidence: Evidence = Evidence()

    @property
    def place(self) -> str:
        """“Admin Console > … (as of 2026-02-16)”; empty where there is nothing to click."""
        return f"{self.where} (as of {self.known_good})" if self.where else ""

    def as_dict(self, *, deciding: bool = False) -> dict[str, Any]:
        """The shape that `check --json` prints; `deciding` says whether it decides the road."""
        fix = f"{self.fix} Where: {self.place}." if self.place else self.fix
        text = f"{self.cause_title} {self.cause_text}".strip()
        return {
            "id": self.id,
            "title": self.title,
            "deciding": deciding,
            "status": self.status.value,
            "cause": self.cause,
            "cause_text": text or None,
            "fix": fix or None,
            "who": self.who.value if self.who else None,
            "evidence": self.evidence.as_dict(),
            "ms": self.ms,
        }

    def to_record(self) -> dict[str, Any]:
        """For keeping: as `as_dict`, with what is needed to read it back."""
        return {
            "id": self.id,
            "title": self.title,
            "status": self.status.value,
            "at": self.at.astimezone(UTC).isoformat(),
            "ms": self.ms,
            "cause": self.cause,
            "cause_title": self.cause_title,
            "cause_text": self.cause_text,
            "fix": self.fix,
            "who": self.who.value if self.who else None,
            "where": self.where,
            "known_good": self.known_good,
            "evidence": self.evidence.as_dict(),
        }

    @classmethod
    def from_record(cls, value: Mapping[str, Any]) -> Self:
        """Back from `to_record`. Raises ValueError when it isn't one."""
        try:
            at = datetime.fromisoformat(str(value["at"]))
            return cls(
                id=str(value["id"]),
                title=str(value["title"]),
                status=Status(value["status"]),
                at=at if at.tzinfo else at.replace(tzinfo=UTC),
                ms=float(value.get("ms") or 0.0),
                cause=_text(value.get("cause")),
                cause_title=str(value.get("cause_title") or ""),
                cause_text=str(value.get("cause_text") or ""),
                fix=str(value.get("fix") or ""),
                who=Who(value["who"]) if value.get("who") else None,
                where=_text(value.get("where")),
                known_good=_text(value.get("known_good")),
                evidence=Evidence.from_dict(value.get("evidence") or {}),
            )
        except (KeyError, TypeError, AttributeError) as error:
            message = f"a verdict lacks {error}"
            raise ValueError(message) from error


def conclude(
    check_id: str, title: str, finding: CheckOutcome, evidence: Evidence, *, at: datetime, ms: float
) -> Verdict:
    """The verdict of a finding: the texts come from the table of causes."""
    verdict = Verdict(
        check_id,
        title,
        finding.status,
        at,
        ms,
        evidence=replace(
            evidence,
            note=finding.note or evidence.note,
            compared={**evidence.compared, **finding.compared},
        ),
    )
    if finding.cause is None:
        return verdict
    return _explained(verdict, causes.cause(finding.cause), finding.detail)


def explain_error(
    check_id: str, title: str, error: RunbookError, *, at: datetime, ms: float
) -> Verdict:
    """The verdict of an error that a check raised: its own words, as they came.

    The evidence is the call that the error names, whatever was called before and after it.
    """
    evidence = evidence_of(error.call)
    cause_id = error.cause_id or (
        f"key.{error.code}" if isinstance(error, KeyProblem) else causes.UNKNOWN
    )
    known = causes.cause(cause_id)
    verdict = Verdict(
        check_id,
        title,
        Status.FAILED,
        at,
        ms,
        cause=cause_id,
        cause_title=known.title if error.cause_id else redact(error.message),
        cause_text=error.cause,
        fix=error.fix,
        who=error.who,
        where=known.where,
        known_good=known.known_good,
        evidence=evidence,
    )
    if not isinstance(error, ApiError):
        return replace(verdict, evidence=replace(evidence, note=redact(error.message)))
    ids = tuple(dict.fromkeys(one for one in (error.header_request_id, error.request_id) if one))
    seen = replace(
        evidence,
        note=redact(error.message),
        status=error.status,
        code=error.code,
        request_ids=ids or evidence.request_ids,
    )
    return replace(verdict, evidence=seen)


def _explained(verdict: Verdict, known: causes.Cause, detail: str) -> Verdict:
    return replace(
        verdict,
        cause=known.id,
        cause_title=known.title,
        cause_text=f"{detail} {known.text}".strip(),
        fix=known.fix,
        who=known.who,
        where=known.where,
        known_good=known.known_good,
    )


def _texts(values: Mapping[str, object]) -> Mapping[str, str]:
    return {
        name.replace("_", " "): redact(str(value))
        for name, value in values.items()
        if value is not None
    }


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str) and value else None
