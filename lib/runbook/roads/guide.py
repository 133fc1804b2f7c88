"""Which steps cover each statement of Kloudless's connector guide for Box.

The guide itself isn't here: an entry has a short paraphrase of ours and the SHA-256 of the guide's
sentence, so that anybody who has a copy can prove that nothing was left out (`python -m
tools.guide FILE`). An entry names the steps, the check that verifies it or why none can, and what
is different today.
"""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from lib.runbook.checks.registry import CHECKS
from lib.runbook.roads.steps import Table, table

_FILE: Final = Path(__file__).with_name("data") / "guide.toml"
_HEADING: Final = re.compile(r"\s*#+\s")
_ITEM: Final = re.compile(r"\s*(?:[•*-]|\d{1,2}\.)\s+")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_QUOTES: Final = str.maketrans("\u201c\u201d\u2018\u2019", "\"\"''")


class GuideError(ValueError):
    """The map of the guide has a row that isn't right; says which."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the guide.

    `says` is our paraphrase. `check` is the id of the check that verifies it; without one `reason`
    says why none can. `correction` is what is different today; empty where the guide still holds.
    """

    id: str
    says: str
    digest: str
    steps: tuple[str, ...]
    check: str | None = None
    reason: str = ""
    correction: str = ""


def digest(sentence: str) -> str:
    """The SHA-256 of a sentence, whatever its case, spaces, quotes and last sign."""
    text = unicodedata.normalize("NFKC", sentence).translate(_QUOTES).casefold()
    text = re.sub(r"\s+([.,:;!?])", r"\1", " ".join(text.split())).rstrip(".:;, ")
    return hashlib.sha256(text.encode()).hexdigest()


def sentences(text: str) -> Iterator[str]:
    """The statements of a text: sentences and list items. Headings only say what follows."""
    for block in _blocks(text):
        for sentence in _SENTENCE_END.split(block):
            if re.search(r"\w", sentence):
                yield sentence


def statements() -> tuple[Statement, ...]:
    """Every statement of the guide, in its order."""
    return _map()


@cache
def _map() -> tuple[Statement, ...]:
    return read_map(_FILE.read_text(encoding="utf-8"), table())


def read_map(text: str, known: Table) -> tuple[Statement, ...]:
    """The statements of a TOML text. Raises GuideError for a row that isn't right."""
    found: dict[str, Statement] = {}
    digests: dict[str, str] = {}
    for raw in tomllib.loads(text).get("statement", []):
        one = _statement(raw, known)
        if one.id in found:
            raise GuideError(f"{one.id} is there twice")
        if one.digest in digests:
            raise GuideError(f"{one.id} and {digests[one.digest]} are the same sentence")
        if digest(one.says) == one.digest:
            raise GuideError(f"{one.id}: these are the guide's own words, not ours")
        found[one.id] = one
        digests[one.digest] = one.id
    return tuple(found.values())


_TEXTS: Final = frozenset({"id", "says", "digest"})
_FIELDS: Final = frozenset({*_TEXTS, "steps", "check", "reason", "correction"})
_CHECKS: Final = frozenset(check.id for check in CHECKS)


def _statement(raw: Mapping[str, Any], known: Table) -> Statement:
    name = str(raw.get("id", "?"))
    stray = set(raw) - _FIELDS
    if stray:
        raise GuideError(f"{name}: there is no field {min(stray)}")
    for field in sorted(_TEXTS | (set(raw) - {"steps"})):
        if not isinstance(raw.get(field), str) or not raw[field].strip():
            raise GuideError(f"{name}: {field} is missing")
    steps = raw.get("steps")
    if not isinstance(steps, list) or not steps:
        raise GuideError(f"{name}: it stands in no step")
    for step in steps:
        if step not in known.steps:
            raise GuideError(f"{name}: there is no step {step}")
    if not _DIGEST.fullmatch(raw["digest"]):
        raise GuideError(f"{name}: the digest isn't a SHA-256")
    check = raw.get("check")
    if (check is None) == ("reason" not in raw):
        raise GuideError(f"{name}: it needs a check, or the reason why there is none")
    if check is not None and check not in _CHECKS:
        raise GuideError(f"{name}: there is no check {check}")
    return Statement(
        name,
        raw["says"],
        raw["digest"],
        tuple(steps),
        check,
        raw.get("reason", ""),
        raw.get("correction", ""),
    )


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs and list items; lines that only were wrapped belong to the one before."""
    kept = ""
    for line in text.splitlines():
        if not line.strip() or _HEADING.match(line) or _ITEM.match(line):
            if kept:
                yield kept
            kept = ""
            if _ITEM.match(line):
                kept = _ITEM.sub("", line, count=1).strip()
            continue
        kept = f"{kept} {line.strip()}".strip()
    if kept:
        yield kept
