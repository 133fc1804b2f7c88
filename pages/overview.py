"""Overview: three ways in, whether it is connected, what arrived when, what to do next."""

from lib.ui.shell import enter, heading

context = enter()
heading("Overview", "Is it connected, what arrived, and what to do next.")
