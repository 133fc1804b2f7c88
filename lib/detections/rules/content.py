"""Risky content: ransomware-like names, malware, secrets behind open links.

Names are compared by their parts, never by a text somewhere inside: `key` is a word of
`private key.txt` and none of `monkey.png`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from lib.activity.queries.content import UPLOADS
from lib.detections.detection import Detection, DetectionContext
from lib.detections.finding import Attack, Confidence, Finding, Severity
from lib.detections.rules.mass_actions import HOUR, PEOPLE
from lib.detections.windows import Burst, Episode, Measure, Window, episodes
from lib.store.events import dialect
from lib.store.times import naive_utc

# What documents usually end with, also after another ending: plan.v2.docx, backup.tar.gz.
ORDINARY: Final = (
    "7z ai avi bak bmp boxcanvas boxnote bz2 css csv dat dmg doc docm docx dwg dxf eml eps exe gif "
    "gdoc gsheet gslides gz heic htm html ics indd ini iso jpeg jpg js json key log m4a md mov mp3 "
    "mp4 msg msi numbers odp ods odt old ori orig pages pdf php png pot potx pps ppsx ppt pptm "
    "pptx ps psd py rar rtf sig skp sql step stl stp svg tar tgz tif tiff tmp ts tsv txt url vcf "
    "vsd vsdx wav webm webp wmv xls xlsb xlsm xlsx xltx xml xps yaml yml zip"
)
# Endings that ransomware is known for; alone they are enough.
KNOWN: Final = (
    "cerber crypt crypted cryptolocker crypz enc encrypted locked lockbit locky odin ryk ryuk "
    "thor wncry wncryt zepto zzzzz"
)
_NOTE: Final = (
    r"(^|[^a-z0-9])(decrypt|ransom|unlock|recover|restore)[a-z]*[^a-z0-9]+([a-z]+[^a-z0-9]+)*"
    r"files?([^a-z0-9]|$)|(how[^a-z0-9]*to[^a-z0-9]*decrypt)"
)
_CONFIDENTIAL: Final = (
    r"(^|[^a-z0-9])(passwords?|passwd|credentials?|secrets?|(private|api|ssh|secret)[ _-]?keys?"
    r"|id_(rsa|dsa|ecdsa|ed25519))([^a-z0-9]|$)|\.(pem|pfx|p12|ppk|kdbx|jks|keystore)$"
)


@dataclass(frozen=True, slots=True)
class Renames:
    """How many renames to a strange ending by one account within an hour.

    A ransom note is worth several. A mark of malware joins such a finding for so long after it
    began.
    """

    renames: int = 10
    note: int = 3
    together: timedelta = timedelta(hours=24)


RENAMES: Final = Renames()
_NAME: Final = "lower(coalesce(item_name, ''))"
_ENDING: Final = f"regexp_extract({_NAME}, '\\.([a-z0-9_-]{{2,16}})$', 1)"
_STRANGE: Final = (
    f"({_ENDING} IN ({dialect.texts(KNOWN.split())})"
    f" OR (regexp_matches({_NAME}, '\\.[a-z0-9]{{1,8}}\\.[a-z0-9_-]{{2,16}}$')"
    f" AND {_ENDING} NOT IN ({dialect.texts(ORDINARY.split())})))"
)
_NOTES: Final = f"regexp_matches({_NAME}, '{_NOTE}')"
_RENAME_TYPES: Final = ("RENAME", "ITEM_RENAME", "rename")
_UPLOADED: Final = f"event_type IN ({dialect.texts(UPLOADS)})"
_renames: Final = Burst(
    (*_RENAME_TYPES, *UPLOADS),
    "actor_id",
    (Window(HOUR, RENAMES.renames),),
    where=f"CASE WHEN {_UPLOADED} THEN {_NOTES} OR {_ENDING} IN"
    f" ({dialect.texts(KNOWN.split())}) ELSE {_STRANGE} END",
    value=f"CASE WHEN {_NOTES} THEN {RENAMES.note} ELSE 1 END",
    measure=Measure.SUM,
    columns={"item": "item_id", "ending": _ENDING, "note": _NOTES},
    facts={
        "items": "count(DISTINCT item)",
        "endings": "list_slice(list_sort(list(DISTINCT ending)), 1, 10)",
        "notes": "count(*) FILTER (WHERE note)",
    },
)
_MALWARE: Final = ("FILE_MARKED_MALICIOUS",)
_malware: Final = Burst(_MALWARE, "item_id", (Window(HOUR, 1),))
_SHARED: Final = ("SHARE", "ITEM_SHARED_UPDATE")
_secrets: Final = Burst(
    _SHARED,
    "actor_id",
    (Window(HOUR, 1),),
    where=f"{PEOPLE} AND regexp_matches({_NAME}, '{_CONFIDENTIAL}')"
    f" AND {dialect.json_text('raw', '$.additional_details.access')} = 'open'",
    columns={"item": "item_id"},
    facts={"items": "count(DISTINCT item)"},
)


def _risky(context: DetectionContext) -> Iterator[Finding]:
    # a mark of malware may come when the renames are over
    earlier = replace(context.scope, since=context.scope.since - RENAMES.together)
    existing = list(_renamed(DetectionContext(context.query, earlier)))
    for episode in episodes(context, _malware):
        actor = _brought_by(context, episode.subject, naive_utc(episode.since))
        place = next((n for n, one in enumerate(existing) if _joins(episode, actor, one)), None)
        if place is not None:
            existing[place] = _with_malware(existing[place], episode)
            continue
        yield episode.finding(
            "risky_content",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            why="Box marked a file as malicious.",
            actor_id=actor,
            facts={"malware": episode.events},
        )
    yield from (one for one in existing if one.until >= context.scope.since)
    yield from _exposed(context)


def _joins(malware: Episode, actor: str | None, renames: Finding) -> bool:
    """Whether malware belongs to renames: the same account's, within a day of their beginning."""
    last = renames.since + RENAMES.together
    return renames.actor_id == actor and renames.since <= malware.since <= last


def _with_malware(renames: Finding, malware: Episode) -> Finding:
    """The finding of both."""
    return replace(
        renames,
        until=max(renames.until, malware.until),
        events=renames.events + malware.events,
        event_ids=(*renames.event_ids, *malware.event_ids),
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        facts={**renames.facts, "malware": renames.facts["malware"] + malware.events},
    )


def _exposed(context: DetectionContext) -> Iterator[Finding]:
    """Names like a secret behind links open to anyone."""
    for episode in episodes(context, _secrets):
        yield episode.finding(
            "risky_content",
            severity=Severity.MEDIUM,
            confidence=Confidence.LOW,
            why=f"Items with a link open to anyone and a name like a password, a credential or a"
            f" private key: {episode.facts['items']:,}.",
        )


def _renamed(context: DetectionContext) -> Iterator[Finding]:
    for episode in episodes(context, _renames):
        far = episode.most[0] >= 2 * RENAMES.renames
        yield episode.finding(
            "risky_content",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH if far else Confidence.MEDIUM,
            why=f"{episode.facts['items']:,} items got ransomware-like names within an hour; the"
            f" limit is {RENAMES.renames}. Extensions: {_shown(episode.facts)}."
            f" Ransom notes: {episode.facts['notes']:,}.",
            facts={**episode.facts, "malware": 0},
        )


def _shown(facts: Mapping[str, Any]) -> str:
    return ", ".join(f".{one}" for one in facts["endings"][:3] if one) or "none"


def _brought_by(context: DetectionContext, item: str, before: object) -> str | None:
    """Who uploaded, changed or renamed the item last before that."""
    rows = context.query(
        "SELECT actor_id, occurred_at FROM events WHERE profile = ? AND source = ? AND item_id = ?"
        " AND occurred_at <= ? AND occurred_at > ?::TIMESTAMP - INTERVAL 7 DAY"
        " AND event_type IN ('UPLOAD', 'EDIT', 'RENAME', 'COPY', 'MOVE') AND actor_id IS NOT NULL"
        " ORDER BY occurred_at DESC, event_id LIMIT 1",
        [context.scope.profile, context.scope.source, item, before, before],
    )
    return str(rows[0][0]) if rows else None


RISKY_CONTENT: Final = Detection(
    id="risky_content",
    title="Risky content",
    family="Content",
    says="Many files get ransomware-like names, Box finds malware, or an item with a name like a"
    " secret gets a link open to anyone.",
    benign_causes=(
        "A tool that encrypts or converts files on purpose",
        "A malware sample handled by the security team",
    ),
    next_step="First stop the account's sync client. Box keeps earlier versions of the files, which"
    " can be restored.",
    parameters=RENAMES,
    look_back=_renames.look_back + timedelta(days=7) + RENAMES.together,
    find=_risky,
    attack=Attack("T1486", "Data Encrypted for Impact"),
    types=(*_RENAME_TYPES, *UPLOADS, *_MALWARE, *_SHARED),
)
