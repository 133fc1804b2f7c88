"""An app that shows hostile names in every way that Markdown is drawn, and a few fields of ours."""

import streamlit as st

from lib.core.texts import md
from lib.ui.components.fields import mend_fields, secret_field
from lib.ui.shell.session import drop, value

NAMES = (
    *(
        "https://evil.example/x?q=1&b=2#c",
        "HTTP://Evil.example",
        "www.evil.example",
        "WwW.evil.org",
    ),
    *(
        "ada@acme.example",
        "mailto:ada@acme.example",
        "a@-x.evil.example",
        "https://a@b.example:80/",
    ),
    *(":tada: a", ":material/home:", ":material_home:", ":streamlit:", "::small[]", ":red[x]"),
    *("a -> b -- c <-> d", "--", "1 >= 2 <= 3 ~= 4", "[x](javascript:alert(1))", "<b>x</b> &amp;"),
    *("# x", "1. x", "- x", "> x", "$x$ `y` **z** ~~u~~ [^1] ![i](http://e.example/i.png)"),
    *("C:\\x\\y", "party \U0001f469\u200d\U0001f680", "\u202egnp.exe", "<https://evil.example>"),
)


def take() -> None:
    """As the pages take a secret: out of its field at once."""
    st.session_state["taken"] = value("secret")
    drop("secret")


st.set_page_config(page_icon="\U0001f4e6")
mend_fields()
st.title("Names")
for at, name in enumerate(NAMES):
    with st.container(key=f"name{at}"):
        st.markdown(md(name))
        st.caption(md(name))
        st.markdown(f"**{md(name)}**")
        st.info(md(name))
        st.button(md(name), key=f"button{at}")
        with st.expander(md(name)):
            st.table({"Name": [md(name)]})
secret_field("Token", key="secret", on_change=take)
st.selectbox("Person", ["Ada Lovelace", "Grace Hopper"], index=None)
if st.session_state.get("taken") == "hunter2":
    st.write("It was taken.")
