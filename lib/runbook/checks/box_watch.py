"""Whether the set-up keeps working: webhooks alive, the reading of events not left behind.

Box doesn't tell when a webhook last succeeded, so only deliveries that came here show that it is
alive. Sources: Box developer documentation, webhook limitations, event stream types.
"""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from lib.activity.model.source import Source, source_read
from lib.box.events import KEPT, Stream
from lib.runbook.checks.check import Check, CheckSide
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.verdict import CheckOutcome, failed, passed, skipped, unproven, warning
from lib.webhooks.manage.triggers import DELETED, NO_SESSION

# Box removes a webhook whose last success is 30 days ago and more than 14 days before its last
# trigger.
CLEANED_AFTER: Final = timedelta(days=30)
CLEAN_WARN: Final = timedelta(days=21)
STREAM_KEPT: Final = KEPT[Stream.ADMIN_LOGS_STREAMING]
STREAM_WARN: Final = timedelta(days=7)
ARRIVED_WITHIN: Final = timedelta(days=3)
"""How old what arrived last may be: a weekend without any activity is nothing unusual."""
_NAMED: Final = 5
_TRIED: Final = 20  # webhooks that are looked at one by one


def _webhooks_alive(context: CheckContext) -> CheckOutcome:
    count = len(context.facts.webhooks)
    last = context.records.last_delivery(context.profile.key, "box") if context.records else None
    if not count and last is not None:
        # Box lists the webhooks of this account alone: what delivered may be another person's.
        return unproven("webhooks.gone", last_delivery=f"{last:%Y-%m-%d %H:%M} UTC")
    if not count:
        return skipped("webhooks.none")
    if last is None:
        return unproven("webhooks.never_delivered", webhooks=count)
    age = context.clock() - last
    days = f"{age.total_seconds() / 86_400:.1f}"
    if age >= CLEANED_AFTER:
        return failed("webhooks.silent", webhooks=count, days_since_delivery=days)
    if age >= CLEAN_WARN:
        return warning("webhooks.quiet", webhooks=count, days_since_delivery=days)
    return passed("A genuine delivery was received here.", webhooks=count, days_since_delivery=days)


def _webhooks_here(context: CheckContext) -> CheckOutcome:
    """A webhook whose address leads to this profile's route; the list has no addresses."""
    if not context.facts.webhooks:
        return skipped("webhooks.none")
    route = f"/webhooks/box/{context.profile.key}"
    tried = context.facts.webhooks[:_TRIED]
    for webhook in tried:
        found = context.box.webhook(str(webhook.get("id")))
        if urlsplit(str(found.get("address") or "")).path.rstrip("/").endswith(route):
            return passed("A webhook of the app is sent here.", webhook=found.get("id"))
    return failed("webhooks.elsewhere", webhooks=len(context.facts.webhooks), tried=len(tried))


def _alarms(context: CheckContext, trigger: str, cause: str, well: str) -> CheckOutcome:
    found = (
        context.records.alarms(context.profile.key, context.clock()) if context.records else None
    )
    if found is None or context.records is None:
        return skipped("events.no_records")
    mine = [alarm for alarm in found if alarm.trigger == trigger]
    if not mine and context.records.last_delivery(context.profile.key, "box") is None:
        # where nothing ever came, that nothing bad came shows nothing
        known = bool(context.facts.webhooks)
        return unproven("webhooks.never_delivered") if known else skipped("webhooks.none")
    if not mine:
        return passed(well)
    return failed(
        cause,
        webhooks=", ".join(alarm.webhook_id or "unknown" for alarm in mine[:_NAMED]),
        alarms=len(mine),
        last=f"{mine[0].at:%Y-%m-%d %H:%M} UTC",
    )


def _not_removed(context: CheckContext) -> CheckOutcome:
    return _alarms(context, DELETED, "webhooks.deleted", "No delivery reports a removed webhook.")


def _owner_in_session(context: CheckContext) -> CheckOutcome:
    return _alarms(
        context,
        NO_SESSION,
        "webhooks.no_session",
        "No delivery reports an owner without a session.",
    )


def _position(context: CheckContext) -> CheckOutcome:
    if context.records is None:
        return skipped("events.no_records")
    source = source_read(context.profile)
    stored = [
        one
        for one in context.records.readings(context.profile.key, source)
        if one.stream == Stream.ADMIN_LOGS_STREAMING and one.position
    ]
    if not stored:
        return skipped("events.never_read")
    newest = max(stored, key=lambda one: one.at)
    age = context.clock() - newest.at
    left = STREAM_KEPT - age
    shown = {
        "complete_to": f"{newest.at:%Y-%m-%d %H:%M} UTC",
        "headroom_days": f"{max(0.0, left.total_seconds() / 86_400):.1f}",
    }
    if age >= STREAM_KEPT:
        return failed("events.position_lost", **shown)
    if age >= STREAM_WARN:
        return warning("events.position_old", **shown)
    return passed("Reading of the live stream is at a position that Box still keeps.", **shown)


def _arrived(context: CheckContext) -> CheckOutcome:
    """Only what came from Box itself: a stored position also moves where nothing comes."""
    records, key = context.records, context.profile.key
    if records is None:
        return skipped("events.no_records")
    came = {
        "read": records.newest_event(key, Source.BOX_STREAM),
        "read_for_user": records.newest_event(key, Source.BOX_USER_STREAM),
        "delivered": records.last_delivery(key, "box"),
    }
    known = {name: at for name, at in came.items() if at is not None}
    if not known:
        return unproven("events.none_arrived")
    shown = {name: f"{at:%Y-%m-%d %H:%M} UTC" for name, at in known.items()}
    if context.clock() - max(known.values()) > ARRIVED_WITHIN:
        return unproven("events.arrived_long_ago", **shown)
    return passed("Events of Box arrived here within the last three days.", **shown)


def _reads_stream(context: CheckContext) -> str | None:
    if source_read(context.profile) is not Source.BOX_STREAM:
        return "This profile doesn't read the enterprise's live stream."
    return None


CHECKS: Final = (
    Check(
        "box.webhooks.here",
        "A webhook is sent here",
        "The app has a webhook whose address is this profile's.",
        _webhooks_here,
        CheckSide.BOX,
        method=f"GET /2.0/webhooks/{{id}} of up to {_TRIED} webhooks.",
        needs=("box.scope.manage_webhooks",),
    ),
    Check(
        "box.webhooks.alive",
        "Webhooks are alive",
        "The app's webhooks deliver, and Box isn't about to remove them.",
        _webhooks_alive,
        CheckSide.BOX,
        method="Compares the list of webhooks with the deliveries received here.",
        needs=("box.scope.manage_webhooks",),
    ),
    Check(
        "box.webhooks.deleted",
        "No webhook was removed",
        "No genuine delivery of the last week reports that Box removed a webhook.",
        _not_removed,
        CheckSide.BOX,
        method="Looks for the trigger WEBHOOK.DELETED in deliveries; makes no call.",
        needs=("box.settings",),
    ),
    Check(
        "box.webhooks.session",
        "Webhook owners have a session",
        "No webhook delivers NO_ACTIVE_SESSION instead of events.",
        _owner_in_session,
        CheckSide.BOX,
        method="Looks for the trigger NO_ACTIVE_SESSION in deliveries; makes no call.",
        needs=("box.settings",),
    ),
    Check(
        "box.events.position",
        "Reading keeps up",
        "The position in the live stream is well within what Box keeps.",
        _position,
        CheckSide.BOX,
        method="Checks the stored position; makes no call.",
        needs=("box.settings",),
        applies=_reads_stream,
    ),
    Check(
        "box.events.arrived",
        "Events arrive",
        "Events of the last three days arrived from Box, by reading or by a webhook.",
        _arrived,
        CheckSide.BOX,
        method="Looks at what was read and delivered here; makes no call.",
        needs=("box.settings",),
    ),
)
