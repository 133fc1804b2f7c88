"""Lints a webhook before Box rejects it or stops delivering: a table of rules.

Each rule is a pure function over one webhook and its surroundings, and yields findings that say
what is wrong, why it matters and what to do. Nothing raises, whatever the webhook holds, and no
request is made: names aren't resolved, certificates aren't checked.
Source: Box developer documentation, webhooks V2 (create, limitations, triggers).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lib.core.errors import Who
from lib.webhooks.manage import lint_address, lint_rules
from lib.webhooks.manage.lint_subjects import Around, Hook, Said


class LintSeverity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """Box rejects it, or nothing arrives."""
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class LintRemark:
    """One issue: what, why, how to fix it, who can."""

    rule: str
    severity: LintSeverity
    what: str
    why: str
    fix: str
    who: Who = Who.YOU


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule. `says` is the rule as a sentence: why a finding matters."""

    id: str
    severity: LintSeverity
    says: str
    look: Callable[[Hook, Around], Iterable[Said]]


def lint(hook: Hook, around: Around) -> tuple[LintRemark, ...]:
    """All issues of a webhook, the worst first."""
    found = [
        LintRemark(rule.id, rule.severity, one.what, rule.says, one.fix, one.who)
        for rule in RULES
        for one in rule.look(hook, around)
    ]
    order = list(LintSeverity)
    return tuple(sorted(found, key=lambda one: order.index(one.severity)))


_E, _W, _H = LintSeverity.ERROR, LintSeverity.WARNING, LintSeverity.HINT
RULES: Final[tuple[LintRule, ...]] = (
    LintRule(
        "target.missing", _E, "A webhook watches one file or folder.", lint_rules.target_missing
    ),
    LintRule("target.kind", _E, "Box's webhooks watch files and folders.", lint_rules.target_kind),
    LintRule("target.root", _E, "Box accepts no webhook for folder 0.", lint_rules.target_root),
    LintRule(
        "target.taken",
        _E,
        "An item can have one webhook per app and user.",
        lint_rules.target_taken,
    ),
    LintRule("address.missing", _E, "Deliveries are sent to an address.", lint_address.missing),
    LintRule("address.url", _E, "Deliveries are sent to a URL.", lint_address.url),
    LintRule(
        "address.https",
        _E,
        "Box delivers over https only, with TLS 1.2 or 1.3.",
        lint_address.https,
    ),
    LintRule("address.port", _E, "Box delivers to port 443 only.", lint_address.port),
    LintRule("address.public", _E, "Box delivers to public addresses only.", lint_address.public),
    LintRule("address.box", _E, "Box doesn't deliver to addresses of box.com.", lint_address.box),
    LintRule(
        "address.secret",
        _W,
        "Addresses appear in lists and logs.",
        lint_address.secret,
    ),
    LintRule(
        "address.here",
        _W,
        "Each profile has its own address here; elsewhere its deliveries are rejected.",
        lint_address.here,
    ),
    LintRule(
        "triggers.missing", _E, "A webhook needs at least one trigger.", lint_rules.triggers_missing
    ),
    LintRule(
        "triggers.unknown",
        _E,
        "Box rejects triggers that it doesn't know.",
        lint_rules.triggers_unknown,
    ),
    LintRule("triggers.never", _E, "It is about the webhook itself.", lint_rules.triggers_never),
    LintRule(
        "triggers.target",
        _E,
        "Each trigger applies to certain kinds of items.",
        lint_rules.triggers_target,
    ),
    LintRule(
        "triggers.name",
        _W,
        "Box's guide and its API list spell this trigger differently.",
        lint_rules.triggers_name,
    ),
    LintRule(
        "triggers.guide",
        _H,
        "It isn't in the API's own list of triggers.",
        lint_rules.triggers_guide,
    ),
    LintRule("limit.reached", _E, "An app and user can have 1,000 webhooks.", lint_rules.limit),
    LintRule("limit.near", _W, "An app and user can have 1,000 webhooks.", lint_rules.nearly),
    LintRule(
        "owner.person",
        _W,
        "Box recommends the service account as owner. When all of an owner's tokens for the app "
        "are deleted, Box removes the webhook.",
        lint_rules.owner,
    ),
    LintRule(
        "cleanup",
        _W,
        "Box removes a webhook 30 days after its last success if it was triggered more than 14 "
        "days after that success.",
        lint_rules.clean_up,
    ),
    LintRule(
        "address.elsewhere",
        _H,
        "This app sees only the deliveries that arrive here.",
        lint_rules.elsewhere,
    ),
)
"""Every rule."""
