"""Verdicts in plain text: who can fix it, and what was seen.

For copying into a chat, a ticket or a mail, so it holds no Markdown and no secret: a verdict never
has one. Times are UTC, because the reader may be anywhere. What is sent to the person who can fix
it is made of this by `lib.runbook.handoff.cards`.
"""

from typing import Final

from lib.core.errors import Who
from lib.runbook.checks.verdict import Evidence, Status, Verdict

PERSONS: Final = {
    Who.YOU: "you",
    Who.DEVELOPER: "a developer of the Box app",
    Who.BOX_ADMIN: "a Box admin",
    Who.BOX_SUPPORT: "Box support",
    Who.KLOUDLESS_ADMIN: "the Kloudless administrator",
    Who.NETWORK: "whoever runs the network",
    Who.THIS_APP: "whoever hosts this app",
}
"""Who can fix something, as part of a sentence."""


def evidence_rows(evidence: Evidence) -> list[tuple[str, str]]:
    """What was seen, as terms and values in their order; empty where nothing was."""
    rows = [
        ("Seen", evidence.note),
        ("Request", evidence.request or ""),
        ("Answer", _answer(evidence)),
        ("Request IDs", ", ".join(evidence.request_ids)),
        ("Attempts", str(evidence.attempts) if evidence.attempts > 1 else ""),
        *((name[:1].upper() + name[1:], value) for name, value in evidence.compared.items()),
    ]
    return [(term, value) for term, value in rows if value]


def evidence_text(verdict: Verdict) -> str:
    """One verdict with its evidence, as text to copy."""
    lines = [
        f"{verdict.id}: {verdict.status.value}",
        verdict.title,
        *(
            [f"Cause: {verdict.cause} - {_sentence(verdict)}"]
            if verdict.cause and verdict.status is not Status.PASSED
            else []
        ),
        *(f"{term}: {value}" for term, value in evidence_rows(verdict.evidence)),
        f"At: {verdict.at:%Y-%m-%d %H:%M:%S} UTC, took {verdict.ms:.0f} ms",
    ]
    return "\n".join(lines)


def _answer(evidence: Evidence) -> str:
    if evidence.status is None:
        return evidence.code or ""
    return f"{evidence.status} {evidence.code or ''}".strip()


def _sentence(verdict: Verdict) -> str:
    return f"{verdict.cause_title} {verdict.cause_text}".strip()
