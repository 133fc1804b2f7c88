"""One delivery in full: what became of it, its attempts, and for those who may its raw request."""

import json
from typing import Final

import streamlit as st

from lib.activity.ingest.delivery_events import ACCEPTED, REPEATED
from lib.core.texts import md
from lib.ui.components.auditing import record
from lib.ui.components.verdicts import terms
from lib.ui.shell.boundary import WHO
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state
from lib.ui.webhooks import words
from lib.ui.webhooks.state import Visited, change, current
from lib.ui.webhooks.view_common import View
from lib.ui.webhooks.view_replay import replay_panel
from lib.webhooks.log import log
from lib.webhooks.log.curl import as_curl, as_jsonl
from lib.webhooks.log.log import Logged, Opened
from lib.webhooks.receive.refusals import TOLD, Refusal

_MOST_SHOWN: Final = 200_000


def delivery(context: Context, view: View) -> None:
    """The delivery that the address names."""
    wanted = view.wanted.delivery
    if wanted is None:
        return
    found = view.once(
        f"opened.{wanted}", lambda: log.opened(view.stores, view.choice.profile, wanted)
    )
    with st.container(border=True, key="hooks.delivery"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("#### Delivery" if found is None else f"#### {_headline(found.logged)}")
            st.space("stretch")
            st.button(
                "Close",
                key="hooks.close",
                icon=":material/close:",
                type="tertiary",
                on_click=_close,
            )
        if found is None:
            st.caption(
                "This delivery isn't here any more, or never was: refused ones are kept until "
                "10,000 newer ones have come, and another profile has its own."
            )
            return
        _facts(view, found.logged)
        _attempts(view, found.logged)
        _raw(context, view, found)


def _close() -> None:
    state(Visited).ticked = ()
    change(current().changed(before=current().before))


def _headline(one: Logged) -> str:
    what = one.trigger or (words.NO_TRIGGER if one.kind == "box" else "Notice of Kloudless")
    return f"{md(what)} · {md(words.verdict(one.verdict))}"


def _facts(view: View, one: Logged) -> None:
    local = one.received_at.astimezone(view.zone)
    rows = [
        ("Received", f"{local:%Y-%m-%d %H:%M:%S}.{local:%f}"[:-3] + f" {md(view.look.zone_name)}"),
        ("On the way", md(words.seconds(one.sent_to_received_s))),
        ("Stored after", md(words.seconds(one.received_to_stored_s))),
        ("Item", md(words.item(one)) + (f" ({md(one.item_id)})" if one.item_id else "")),
        ("Person", md(words.actor(one)) + (f" ({md(one.actor_id)})" if one.actor_id else "")),
        ("Answered with", str(one.answer)),
        ("Size", "" if one.size is None else f"{one.size:,} bytes"),
        ("Signed with", md(words.KEYS.get(one.key or "", ""))),
        ("Webhook", md(one.webhook_id or "")),
        ("Delivery id", md(one.delivery_id or "")),
        ("Body id", md(one.body_id or "")),
    ]
    terms([(name, text) for name, text in rows if text])
    if one.verdict in set(Refusal):
        told = TOLD[Refusal(one.verdict)]
        st.warning(
            f"**{md(told.what)}**\n\n**What to do** {md(told.fix)}\n\n**Who** {WHO[told.who]}",
            icon=":material/block:",
        )
    elif one.verdict == REPEATED:
        st.caption("A repeat: the same body had been kept before, so nothing was counted twice.")


def _attempts(view: View, one: Logged) -> None:
    body_id = one.body_id
    if body_id is None or one.verdict not in (ACCEPTED, REPEATED):
        return
    found = view.once(
        f"attempts.{body_id}",
        lambda: log.attempts(view.stores, view.choice.profile, body_id, limit=20),
    )
    if len(found) < 2:  # noqa: PLR2004  # alone it says nothing
        return
    st.markdown(f"**Attempts of this body** ({len(found)})")
    with st.container(horizontal=True, gap="small", key="hooks.attempts_of"):
        for each in found:
            local = each.received_at.astimezone(view.zone)
            st.button(
                f"{each.attempt}: {local:%H:%M:%S}, {each.answer}",
                key=f"hooks.attempt.{each.id}",
                disabled=each.id == one.id,
                on_click=_open,
                args=(each.id,),
                help=f"Delivery id {md(each.delivery_id or 'unknown')}",
            )


def _open(id_: str) -> None:
    state(Visited).ticked = (id_,)
    wanted = current()
    change(wanted.changed(before=wanted.before, delivery=id_))


def _raw(context: Context, view: View, found: Opened) -> None:
    if not view.may_read:
        st.caption("Body and headers are shown to whoever hosts this app: they hold personal data.")
        return
    headers, body, export, again = st.tabs(
        ["Headers", "Body", "Export", "Replay"], key="hooks.raw", on_change="rerun"
    )
    if headers.open:
        with headers:
            st.caption("As they came; signatures and credentials aren't kept.")
            lines = "\n".join(f"{name}: {text}" for name, text in found.headers.items())
            st.code(lines or "(none)", language="http", height=220)
    if body.open:
        with body:
            _body(found)
    if export.open:
        with export:
            _export(context, view, found)
    if again.open:
        with again:
            replay_panel(context, view, (found.logged,))


def _body(found: Opened) -> None:
    if found.body is None:
        st.caption("Nothing of a refused request's body is kept.")
        return
    if not found.body:
        st.caption("It had no body, as the request by which Kloudless tests an address.")
        return
    text = found.body[:_MOST_SHOWN].decode("utf-8", "replace")
    try:
        shown = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        shown = text
    st.code(shown, language="json", height=320)
    if len(found.body) > _MOST_SHOWN:
        st.caption("Only its beginning is shown; the export has all of it.")


def _export(context: Context, view: View, found: Opened) -> None:
    st.caption(
        "Signatures aren't kept, so the command has names of variables in their place. "
        "`python -m lib webhook send` signs the same body anew."
    )
    st.code(as_curl(found, view.choice.profile), language="bash", wrap_lines=True)
    st.download_button(
        "JSON Lines",
        data=as_jsonl(found),
        file_name=f"delivery-{found.logged.id}.jsonl",
        mime="application/x-ndjson",
        key="hooks.jsonl",
        icon=":material/file_download:",
        on_click=lambda: record(context, "export", found.logged.id, detail="one delivery, jsonl"),
    )
