"""The linter's findings, drawn: each with what, why and what to do; and all as one mark."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from lib.core.errors import Who
from lib.core.texts import md, undisguised
from lib.ui.shell.boundary import WHO
from lib.ui.webhooks.manage import words
from lib.webhooks.manage.linting import LintRemark, LintSeverity

_ICONS: Final = {
    LintSeverity.ERROR: ":red[:material/error:]",
    LintSeverity.WARNING: ":orange[:material/warning:]",
    LintSeverity.HINT: ":gray[:material/info:]",
}
_MARKS: Final = {LintSeverity.ERROR: "✗", LintSeverity.WARNING: "⚠", LintSeverity.HINT: "·"}


def show(found: Sequence[LintRemark], *, well: str = "") -> None:
    """The findings, the worst first; `well` is shown where there are none."""
    if not found:
        if well:
            st.caption(f":green[:material/check_circle:] {md(well)}")
        return
    for one in found:
        who = "" if one.who is Who.YOU else f" {WHO[one.who]}"
        st.markdown(
            f"{_ICONS[one.severity]} **{md(undisguised(one.what))}** {md(one.why)}  \n"
            f"{md(undisguised(one.fix))}{who}"
        )


def mark(found: Sequence[LintRemark]) -> str:
    """`✗ 1 error, 2 warnings`, `⚠ 1 warning`, `✓ none`; hints don't count."""
    counted = [
        (severity, sum(one.severity is severity for one in found)) for severity in LintSeverity
    ]
    reported = [
        (severity, words.severity(severity, n))
        for severity, n in counted
        if n and severity is not LintSeverity.HINT
    ]
    if not reported:
        return words.NO_ISSUES
    return f"{_MARKS[reported[0][0]]} {', '.join(text for _, text in reported)}"


def blocks(found: Sequence[LintRemark]) -> bool:
    """Whether Box would reject it."""
    return any(one.severity is LintSeverity.ERROR for one in found)
