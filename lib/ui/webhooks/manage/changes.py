"""Changes to a profile's webhooks, each with its outcome and audit record.

Each function returns an outcome and raises nothing that has a cause. On the sandbox, its public
address is routed to this app before a webhook is created on it.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from lib.app.practice.emitting import PUBLIC
from lib.core.errors import BoxApiError, RunbookError, Who
from lib.core.texts import undisguised
from lib.http import capturing
from lib.http.outcome import Fact, Outcome, failed
from lib.settings.profiles import ProfileKind
from lib.ui.components.auditing import record
from lib.ui.components.fetched_pages import refresh
from lib.ui.shell import host
from lib.ui.shell.frame import Context
from lib.ui.webhooks.manage import words
from lib.ui.webhooks.manage.subscription_list import box_client
from lib.webhooks.manage import subscriptions
from lib.webhooks.manage.lint_subjects import Hook
from lib.webhooks.manage.subscriptions import Identity, SubscriptionBatch, SubscriptionRequest

_NOT_FOUND: Final = 404


def make(context: Context, identity: Identity, order: SubscriptionRequest) -> Outcome:
    """Create a webhook."""

    def work() -> tuple[Fact, ...]:
        lead_here(context, order.address)
        made = subscriptions.create(identity.client(box_client(context)), order)
        return (Fact(words.WEBHOOK, made.id, verbatim=True), *_compared(made, order.hook))

    return _describe(context, "create_webhook", f"{order.target_type} {order.target_id}", work)


def change(
    context: Context, identity: Identity, hook: Hook, *, address: str, triggers: tuple[str, ...]
) -> Outcome:
    """Change a webhook's address and triggers; says so if it no longer exists."""

    def work() -> tuple[Fact, ...]:
        lead_here(context, address)
        client = identity.client(box_client(context))
        try:
            made = subscriptions.change(client, hook, address=address, triggers=triggers)
        except BoxApiError as error:
            if error.status != _NOT_FOUND:
                raise
            raise _gone(error) from error
        return _compared(made, replace(hook, address=address, triggers=triggers))

    return _describe(context, "change_webhook", f"webhook {hook.id}", work)


def delete(context: Context, identity: Identity, hook: Hook) -> Outcome:
    """Delete a webhook; one that no longer exists counts as deleted."""

    def work() -> tuple[Fact, ...]:
        try:
            identity.client(box_client(context)).delete_webhook(hook.id)
        except BoxApiError as error:
            if error.status != _NOT_FOUND:
                raise
            return (Fact(words.BOX_ANSWER, words.ALREADY_GONE),)
        return ()

    return _describe(context, "delete_webhook", f"webhook {hook.id}", work)


def written(
    context: Context,
    batch: SubscriptionBatch,
    order: SubscriptionRequest,
    fault: RunbookError | None,
) -> None:
    """Write one webhook of a batch into the audit log."""
    outcome = "ok" if fault is None else "refused"
    made = batch.made.get(order.target_id)
    detail = f"webhook {made}" if made else fault.message if fault is not None else None
    subject = f"{order.target_type} {order.target_id}"
    record(context, "create_webhook", subject, outcome=outcome, detail=detail)


def lead_here(context: Context, address: str) -> None:
    """Have the sandbox route its public address to this app, where that is possible."""
    receiver = host.own_url()
    if context.profile.kind is ProfileKind.SANDBOX and address == PUBLIC and receiver is not None:
        context.runtime.emitting.lead(receiver)


def _gone(error: BoxApiError) -> BoxApiError:
    """The same error for a webhook that Box listed a moment ago."""
    return BoxApiError(
        words.GONE,
        cause=words.GONE_CAUSE,
        fix=words.GONE_FIX,
        who=Who.YOU,
        cause_id=error.cause_id,
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        header_request_id=error.header_request_id,
        call=error.call,
    )


def _describe(
    context: Context, what: str, subject: str, work: Callable[[], tuple[Fact, ...]]
) -> Outcome:
    at, started = datetime.now(UTC), time.monotonic()
    done, not_done = words.DONE[what]
    fault: RunbookError | None = None
    facts: tuple[Fact, ...] = ()
    with capturing() as exchanges:
        try:
            facts = work()
        except RunbookError as error:
            fault = error
    ms, calls = (time.monotonic() - started) * 1000, tuple(one.call for one in exchanges)
    refresh()
    name = undisguised(subject)
    if fault is not None:
        record(context, what, subject, outcome="refused", detail=fault.message)
        return failed(f"{not_done} {name}", fault, at=at, ms=ms, calls=calls)
    unclear = any(fact.warning for fact in facts)
    record(context, what, subject, outcome="unclear" if unclear else "ok")
    return Outcome(f"{done} {name}", ok=True, at=at, ms=ms, facts=facts, calls=calls)


def _compared(made: Hook, requested: Hook) -> tuple[Fact, ...]:
    """What Box returned, compared with what was requested."""
    reported = made.address == requested.address
    same = set(made.triggers) == set(requested.triggers)
    return (
        Fact(
            words.ADDRESS, undisguised(made.address), "" if reported else words.DOUBT, verbatim=True
        ),
        Fact(words.TRIGGERS, undisguised(", ".join(made.triggers)), "" if same else words.DOUBT),
    )
