"""Sharing to the outside: external invitations, opened links, anonymous access to one item."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from lib.core.texts import plural
from lib.detections.detection import Detection, DetectionContext, NotEnough
from lib.detections.finding import Attack, Confidence, Finding, Severity
from lib.detections.rules.mass_actions import DAY, HOUR
from lib.detections.windows import HISTORY, Burst, Measure, Window, episodes
from lib.store.events import dialect
from lib.store.times import naive_utc

# --- external collaboration


@dataclass(frozen=True, slots=True)
class Invitations:
    """How many different outside addresses one account invites within a day; `many` is grave."""

    addresses: int = 3
    many: int = 6


INVITATIONS: Final = Invitations()
_INVITED: Final = ("COLLABORATION_INVITE", "COLLAB_INVITE_COLLABORATOR")
_DOMAIN: Final = "lower(regexp_extract(target_login, '@([^@]+)$', 1))"
_invitations: Final = Burst(
    _INVITED,
    "actor_id",
    (Window(DAY, INVITATIONS.addresses),),
    where=f"{_DOMAIN} <> '' AND NOT list_contains(?::VARCHAR[], {_DOMAIN})",
    value="lower(target_login)",
    measure=Measure.DIFFERENT,
    columns={"item": "item_id", "domain": _DOMAIN},
    facts={
        "addresses": "count(DISTINCT value)",
        "items": "count(DISTINCT item)",
        "domains": "list_slice(list_sort(list(DISTINCT domain)), 1, 10)",
    },
)


def _invited(context: DetectionContext) -> Iterator[Finding]:
    own = sorted(context.scope.own_domains)
    if not own:
        raise NotEnough(
            "Your own email domains aren't known yet. Read the enterprise's users first."
        )
    for episode in episodes(context, replace(_invitations, parameters=(own,))):
        new = _new_domains(context, episode.facts["domains"], naive_utc(episode.since))
        many = episode.most[0] >= INVITATIONS.many
        sentence = (
            f" Domains of theirs that nobody invited in the previous 28 days: {len(new)}."
            if new
            else " People from the same domains were invited in the previous 28 days."
        )
        yield episode.finding(
            "external_collaboration",
            severity=Severity.HIGH if many and new else Severity.MEDIUM,
            confidence=Confidence.HIGH
            if many and new
            else Confidence.MEDIUM
            if new or many
            else Confidence.LOW,
            why=f"{episode.most[0]:,} different people outside your own domains were invited within"
            f" 24 hours; the limit is {INVITATIONS.addresses}.{sentence}",
            facts={**episode.facts, "new_domains": len(new)},
        )


def _new_domains(context: DetectionContext, domains: list[str], before: object) -> list[str]:
    """Those that nobody was invited from in the 28 days before."""
    rows = context.query(
        f"SELECT DISTINCT {_DOMAIN} FROM events WHERE profile = ? AND source = ?"  # noqa: S608
        f" AND event_type = ? AND occurred_at >= ?::TIMESTAMP - INTERVAL {HISTORY.days} DAY"
        f" AND occurred_at < ? AND list_contains(?::VARCHAR[], {_DOMAIN})",
        [context.scope.profile, context.scope.source, _INVITED[0], before, before, domains],
    )
    return sorted(set(domains) - {str(row[0]) for row in rows})


EXTERNAL_COLLABORATION: Final = Detection(
    id="external_collaboration",
    title="Outsiders invited",
    family="Sharing",
    says="One account invites several people outside your own domains in a short time.",
    benign_causes=(
        "The start of a project with a customer or an agency",
        "A data room for an audit or a sale",
        "People in your company who use a domain that isn't listed as yours",
    ),
    next_step="Check which folders they were invited to and with which role. Ask the person who"
    " invited them.",
    parameters=INVITATIONS,
    look_back=_invitations.look_back + HISTORY,
    find=_invited,
    attack=Attack("T1537", "Transfer Data to Cloud Account"),
    types=_INVITED,
)

# --- links


@dataclass(frozen=True, slots=True)
class Links:
    """Links opened or unprotected by one account within a day; a classified item counts double."""

    weight: int = 2
    many: int = 5


LINKS: Final = Links()
_LINK_TYPES: Final = ("ITEM_SHARED_UPDATE", "SHARE")


def _detail(name: str) -> str:
    return dialect.json_text("raw", f"$.additional_details.{name}")


_LABEL: Final = dialect.json_text("raw", "$.source.classification.name")
# What a link was before: as the event tells it, else as the last event of the same link had it, if
# that isn't too old: what a run can't see must not change what it finds.
_RECENT: Final = f"occurred_at - lag(occurred_at) OVER link <= INTERVAL {HISTORY.days} DAY"


def _before(reported: str, name: str) -> str:
    last = f"CASE WHEN {_RECENT} THEN lag({_detail(name)}) OVER link END"
    return f"coalesce({_detail(reported)}, {last})"


_WITH_BEFORE: Final = f"""(
    SELECT *, {_detail("access")} AS access, {_detail("is_password_enabled")} AS guarded,
        {_before("access_before", "access")} AS access_was,
        {_before("was_password_enabled", "is_password_enabled")} AS guarded_was
    FROM events
    WHERE profile = ? AND source = ? AND occurred_at >= ? AND occurred_at < ?
        AND event_type IN ('ITEM_SHARED_UPDATE', 'SHARE')
    WINDOW link AS (PARTITION BY coalesce({_detail("shared_link_id")}, item_id)
        ORDER BY occurred_at, event_id))"""  # noqa: S608  # our own texts
_OPENED: Final = "(access = 'open' AND coalesce(access_was, '') <> 'open')"
_BARED: Final = "(guarded = 'false' AND coalesce(guarded_was, '') = 'true')"
_links: Final = Burst(
    _LINK_TYPES,
    "actor_id",
    (Window(DAY, LINKS.weight),),
    relation=_WITH_BEFORE,
    where=f"CASE event_type WHEN 'SHARE' THEN access = 'open' AND {_LABEL} IS NOT NULL"
    f" ELSE {_OPENED} OR {_BARED} END",
    value=f"CASE WHEN {_LABEL} IS NULL THEN 1 ELSE 2 END",
    measure=Measure.SUM,
    columns={
        "item": "item_id",
        "opened": "coalesce(access = 'open', false)",
        "bared": f"coalesce({_BARED}, false)",
        "label": _LABEL,
    },
    facts={
        "items": "count(DISTINCT item)",
        "opened": "count(*) FILTER (WHERE opened)",
        "unprotected": "count(*) FILTER (WHERE bared)",
        "classified": "count(*) FILTER (WHERE label IS NOT NULL)",
    },
)


def _opened(context: DetectionContext) -> Iterator[Finding]:
    scope = context.scope
    bounds = (
        scope.profile,
        scope.source,
        naive_utc(scope.since - _links.look_back - HISTORY),
        naive_utc(scope.until),
    )
    for episode in episodes(context, _links, before=bounds):
        opened, bared = int(episode.facts["opened"]), int(episode.facts["unprotected"])
        classified = int(episode.facts["classified"])
        yield episode.finding(
            "link_opened_wide",
            severity=Severity.HIGH
            if classified and episode.events >= LINKS.many
            else Severity.MEDIUM
            if classified or bared
            else Severity.LOW,
            confidence=Confidence.HIGH
            if episode.events >= LINKS.many
            else Confidence.MEDIUM
            if classified or bared
            else Confidence.LOW,
            why=f"Shared links within 24 hours: {opened:,} opened to anyone, {bared:,} lost their"
            f" password. Links to classified items: {classified:,}.",
        )


LINK_OPENED_WIDE: Final = Detection(
    id="link_opened_wide",
    title="Link opened wide",
    family="Sharing",
    says="Shared links are opened to anyone with the link, or lose their password.",
    benign_causes=(
        "A press kit or a brochure meant for the public",
        "A customer who couldn't open a link that required a sign-in",
    ),
    next_step="First restrict the links of classified items. Then ask why they were opened.",
    parameters=LINKS,
    look_back=_links.look_back + HISTORY,
    find=_opened,
    attack=Attack("T1567", "Exfiltration Over Web Service"),
    types=_LINK_TYPES,
)

# --- strangers


@dataclass(frozen=True, slots=True)
class Strangers:
    """How often one item is opened without an account within an hour."""

    times: int = 30
    of_usual_day: float = 3.0


STRANGERS: Final = Strangers()
_STRANGER_TYPES: Final = ("DOWNLOAD", "PREVIEW", "FILE_WATERMARKED_DOWNLOAD")
_strangers: Final = Burst(
    _STRANGER_TYPES,
    "item_id",
    (Window(HOUR, STRANGERS.times, STRANGERS.of_usual_day),),
    where="actor_kind = 'anonymous'",
    columns={"address": "ip"},
    facts={
        "addresses": "count(DISTINCT address)",
        "downloads": "count(*) FILTER (WHERE event_type <> 'PREVIEW')",
    },
)


def _strange(context: DetectionContext) -> Iterator[Finding]:
    for episode in episodes(context, _strangers):
        far = episode.most[0] >= 2 * episode.allowed[0]
        yield episode.finding(
            "anonymous_burst",
            severity=Severity.HIGH if far else Severity.MEDIUM,
            confidence=Confidence.HIGH if far else Confidence.MEDIUM,
            why=f"One item was opened {episode.most[0]:,} times within an hour by anonymous users"
            f" from {plural(int(episode.facts['addresses']), 'IP address', 'IP addresses')}; the"
            f" limit is {episode.allowed[0]:,.0f}.",
        )


ANONYMOUS_BURST: Final = Detection(
    id="anonymous_burst",
    title="Anonymous access",
    family="Sharing",
    says="Anonymous users open one item very often: its shared link may have spread.",
    benign_causes=("A newsletter or a web page that links to it", "A file meant for the public"),
    next_step="Check what the item is. If it isn't meant for the public, turn off its shared link.",
    parameters=STRANGERS,
    look_back=_strangers.look_back,
    find=_strange,
    attack=Attack("T1530", "Data from Cloud Storage"),
    types=_STRANGER_TYPES,
)
