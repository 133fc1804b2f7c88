"""Levels of a judgement as icons, and the problems of a key or a settings file as a list."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import streamlit as st

from lib.box.credential_problems import Problem, ProblemSeverity
from lib.core.texts import md
from lib.credentials.fields import Level

ICONS: Final[Mapping[Level, str]] = MappingProxyType(
    {
        Level.OK: ":green[:material/check_circle:]",
        Level.WARNING: ":orange[:material/warning:]",
        Level.ERROR: ":red[:material/error:]",
        Level.EMPTY: ":gray[:material/radio_button_unchecked:]",
    }
)


def problem_list(problems: Sequence[Problem]) -> None:
    """Findings of a key or a settings file, the worst first."""
    for problem in problems:
        level = Level.ERROR if problem.severity is ProblemSeverity.ERROR else Level.WARNING
        st.markdown(f"{ICONS[level]} {md(problem.message)}  \n{md(problem.fix)}")
