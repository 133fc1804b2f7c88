"""The linter's findings, drawn: each with what, why and what to do; and all as one mark."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from lib.core.errors import Who
from lib.core.texts import md, undisguised
from lib.ui.shell.boundary import WHO
from lib.ui.webhooks.manage import words
from lib.webhooks.manage.linting import Finding, Severity

_ICONS: Final = {
    Severity.ERROR: ":red[:material/error:]",
    Severity.WARNING: ":orange[:material/warning:]",
    Severity.HINT: ":gray[:material/info:]",
}
_MARKS: Final = {Severity.ERROR: "✗", Severity.WARNING: "⚠", Severity.HINT: "·"}


def show(found: Sequence[Finding], *, well: str = "") -> None:
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


def mark(found: Sequence[Finding]) -> str:
    """`✗ 1 error, 2 warnings`, `⚠ 1 warning`, `✓ none`; hints don't count."""
    counted = [(severity, sum(one.severity is severity for one in found)) for severity in Severity]
    told = [
        (severity, words.severity(severity, n))
        for severity, n in counted
        if n and severity is not Severity.HINT
    ]
    if not told:
        return words.NO_ISSUES
    return f"{_MARKS[told[0][0]]} {', '.join(text for _, text in told)}"


def blocks(found: Sequence[Finding]) -> bool:
    """Whether Box would reject it."""
    return any(one.severity is Severity.ERROR for one in found)
