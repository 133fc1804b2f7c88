"""Connected: where Box and Kloudless send a person back to after a sign-in."""

from lib.ui.connected import words
from lib.ui.connected.page import callback_section
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import enter, heading

# 1. Who is here; the address was taken before this page ran
context = enter()
heading(words.TITLE, words.SUBTITLE)

# 2. Hand over what came back, and say what happened
with boundary():
    callback_section(context)
