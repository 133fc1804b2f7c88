"""Acting for a user: the same question asked in every way there is, and what the answers show.

The question is the same everywhere: who are you, and what does your root folder show? Through
Kloudless it is Box itself that is asked who answers, by the pass-through call. It only reads.
Sources: Box developer documentation (As-User, user access tokens); the published Kloudless SDKs.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lib.accounts.pass_through import ME, asked_of_box
from lib.box import BoxClient, Subject, SubjectType
from lib.core.errors import KloudlessApiError, RunbookError
from lib.http import read_object
from lib.kloudless import KloudlessClient
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.impersonation.rules import Caller, Person, Way, barred, ways_of
from lib.runbook.impersonation.team import admin_accounts, found_in_team

_MOST: Final = 1000  # items of a root folder that are counted
_NO_PASS_THROUGH: Final = frozenset({404, 405, 501})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way tried. `skipped` says why it wasn't.

    `user_id` and `login` are who answered, by Box's word; '' where Box couldn't be asked. `items`
    is how many entries the root folder shows, `more` that there are others. `matched` is how the
    person was found on Kloudless's side, `account` through which account. `request_ids` are those
    of this way's calls, `ms` all calls together.
    """

    way: Way
    skipped: str = ""
    user_id: str = ""
    login: str = ""
    items: int | None = None
    more: bool = False
    matched: str = ""
    account: str = ""
    status: int | None = None
    request_ids: tuple[str, ...] = ()
    ms: float = 0.0
    error: RunbookError | None = None

    @property
    def worked(self) -> bool:
        """Whether the call was answered."""
        return not self.skipped and self.error is None


def compare(context: CheckContext, person: Person, caller: Caller) -> Iterator[Attempt]:
    """The same person in every way that the profile has, one after the other."""
    for way in ways_of(context.profile):
        why = barred(way, person, caller)
        yield Attempt(way, skipped=" ".join(why)) if why else _tried(context, way, person)


def _tried(context: CheckContext, way: Way, person: Person) -> Attempt:
    before = len(context.journal.calls)
    started = time.perf_counter()
    error: RunbookError | None = None
    found: dict[str, Any] = {}
    try:
        if way is Way.AS_USER:
            found = _seen(context.box.as_user(person.id))
        elif way is Way.USER_TOKEN:
            with context.box_for(Subject(SubjectType.USER, person.id)) as client:
                found = _seen(client)
        else:
            found = _through_kloudless(context.kloudless, person)
    except RunbookError as problem:
        error = problem
    calls = context.journal.calls[before:]
    return Attempt(
        way,
        status=calls[-1].status if calls else None,
        request_ids=tuple(dict.fromkeys(one for call in calls for one in call.request_ids)),
        ms=round((time.perf_counter() - started) * 1000, 1),
        error=error,
        **found,
    )


def _seen(client: BoxClient) -> dict[str, Any]:
    me = client.me(("id", "login"))
    page = client.folder_items("0", limit=_MOST, offset=0, fields=("id",))
    return {
        "user_id": str(me.get("id") or ""),
        "login": str(me.get("login") or ""),
        "items": len(page.entries),
        "more": page.next_offset is not None,
    }


def _through_kloudless(client: KloudlessClient, person: Person) -> dict[str, Any]:
    """Who Box says answers, and that person's root folder, through an admin account."""
    found = found_in_team(client, person)
    if found is None:
        none = "No enabled Box admin account is connected to Kloudless."
        unknown = "No connected admin account has this person in its team."
        return {"skipped": unknown if admin_accounts(client) else none}
    acting = client.acting(as_user=found.id)
    who = _answering(acting, found.account.id)
    page = acting.folder_contents(found.account.id, page_size=_MOST)
    return {
        **who,
        "items": len(page.objects),
        "more": page.next_page is not None,
        "matched": found.match.value,
        "account": found.account.name or found.account.id,
    }


def _answering(acting: KloudlessClient, account: str) -> dict[str, str]:
    """The user that Box returns; none where this Kloudless has no pass-through call."""
    try:
        me = read_object(asked_of_box(acting, account, ME, {"fields": "id,login"}))
    except KloudlessApiError as error:
        if error.status not in _NO_PASS_THROUGH:
            raise
        return {}
    return {"user_id": str(me.get("id") or ""), "login": str(me.get("login") or "")}


def is_somebody_else(person: Person, attempt: Attempt) -> bool:
    """Whether another person answered than was asked for; by ID where both are known."""
    if person.id and attempt.user_id:
        return attempt.user_id != person.id
    if person.login and attempt.login:
        return attempt.login.casefold() != person.login.casefold()
    return False


def differences(person: Person, attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """What the ways disagree about, in sentences; nothing where they agree."""
    worked = [one for one in attempts if one.worked]
    reported = [
        f"{one.way} was answered by user {one.user_id or one.login}, not by "
        f"{person.id or person.login}. Something on the way may remove headers."
        for one in worked
        if is_somebody_else(person, one)
    ]
    reported += [
        f"{one.way} was answered, but as which user is unknown: the pass-through call to Box "
        "isn't available."
        for one in worked
        if not one.user_id and not one.login
    ]
    if _roots_differ(worked):
        parts = "; ".join(f"{one.way}: {one.items}{'+' if one.more else ''}" for one in worked)
        reported.append(
            f"The root folder shows different numbers of items ({parts}). A token or an "
            "account may have fewer rights, or one side may be out of date."
        )
    failed = [one for one in attempts if one.error is not None]
    if failed and worked:
        reported.append(
            f"Refused: {'; '.join(one.way for one in failed)}. Another way worked, so acting "
            "as this person is possible: what was refused lacks a switch, a right or a working "
            "account."
        )
    return tuple(reported)


def _roots_differ(worked: Sequence[Attempt]) -> bool:
    """Whether the counts contradict; of a root with more only the least is known."""
    exact = {one.items or 0 for one in worked if not one.more}
    least = max((one.items or 0 for one in worked if one.more), default=-1)
    return len(exact) > 1 or bool(exact and min(exact) <= least)
