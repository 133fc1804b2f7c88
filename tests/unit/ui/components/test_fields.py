"""Every text field is drawn in one place, and what is pasted into it is tidy before it is read."""

import ast
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[4]
HOME = ROOT / "lib/ui/components/fields.py"


def test_no_other_module_draws_a_text_field() -> None:
    """Streamlit loses what was typed into its own password field when it is left by Tab."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (*(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").glob("*.py"))
        if path != HOME
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and (
            (isinstance(call.func, ast.Attribute) and call.func.attr == "text_input")
            or any(
                keyword.arg == "type"
                and isinstance(keyword.value, ast.Constant)
                and keyword.value.value == "password"
                for keyword in call.keywords
            )
        )
    ]
    assert not found, "use secret_field, code_field or words_field of lib.ui.components.fields"
    assert "st.text_input(" in HOME.read_text()


FIELDS = """
import streamlit as st
from lib.ui.components.fields import code_field, secret_field, words_field
from lib.ui.shell.session import drop, value

def take(name):
    st.session_state["taken"] = [name, value("taken_at_once")]
    drop("taken_at_once")

code_field("Client ID", key="code")
words_field("Find", key="words", live=True)
words_field("Note", key="note")
secret_field("Token", key="token")
secret_field("Passphrase", key="passphrase", exact=True)
secret_field("Secret", key="taken_at_once", on_change=take, args=("secret",))
with st.form("form"):
    st.session_state["in_form"] = code_field("IDs", key="ids", in_form=True)
    st.form_submit_button("Ask")
"""


def test_what_is_pasted_into_a_field_is_tidy_for_whoever_reads_it() -> None:
    app = AppTest.from_string(FIELDS).run()
    for key, pasted, kept in (
        ("code", "\ufeffab\u200bc\u2060", "abc"),
        ("words", "Ada\u2060 ", "Ada "),
        ("note", " Ada\u200e ", "Ada"),
        ("token", "to\u200dken\u202c", "token"),
        ("passphrase", " pass\u2060phrase\u00a0", " pass\u2060phrase\u00a0"),
    ):
        app.text_input(key=key).set_value(pasted).run()
        assert app.session_state[key] == kept, key
        assert app.text_input(key=key).value == kept, key
    app.text_input(key="taken_at_once").set_value("se\u2060cret").run()
    assert app.session_state["taken"] == ["secret", "secret"]
    assert app.text_input(key="taken_at_once").value == ""
    app.text_input(key="ids").set_value("12\u206034")
    app.button[0].click().run()
    assert app.session_state["in_form"] == "1234"
    assert not app.exception
