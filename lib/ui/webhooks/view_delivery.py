"""One delivery in full: its verdict, its attempts, and the raw request for those who may see it."""

import json
from typing import Final

import streamlit as st

from lib.activity.ingest.delivery_events import ACCEPTED, OWN, REPEATED
from lib.core.texts import md
from lib.ui.components.auditing import record
from lib.ui.components.verdicts import terms
from lib.ui.shell.boundary import WHO
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state
from lib.ui.webhooks import words, words_log
from lib.ui.webhooks.state import Visited, change, current
from lib.ui.webhooks.view_common import View
from lib.ui.webhooks.view_replay import replay_panel
from lib.webhooks.log import log
from lib.webhooks.log.curl import as_curl, as_jsonl
from lib.webhooks.log.log import Logged, Opened
from lib.webhooks.receive.refusals import REFUSAL_TEXTS, Refusal

_MOST_SHOWN: Final = 200_000


def delivery(context: Context, view: View) -> None:
    """The delivery that the URL names."""
    requested = view.requested.delivery
    if requested is None:
        return
    found = view.once(
        f"opened.{requested}", lambda: log.opened(view.stores, view.choice.profile, requested)
    )
    with st.container(border=True, key="hooks.delivery"):
        with st.container(horizontal=True, vertical_alignment="center"):
            headline = words_log.DELIVERY if found is None else _headline(found.logged)
            st.markdown(f"#### {headline}")
            st.space("stretch")
            st.button(
                words_log.CLOSE,
                key="hooks.close",
                icon=":material/close:",
                type="tertiary",
                on_click=_close,
            )
        if found is None:
            st.caption(words_log.NOT_FOUND)
            return
        _facts(view, found.logged)
        _attempts(view, found.logged)
        _raw(context, view, found)


def _close() -> None:
    state(Visited).ticked = ()
    change(current().changed(before=current().before))


def _headline(one: Logged) -> str:
    unnamed = words.NO_TRIGGER if one.kind == "box" else words_log.KLOUDLESS_NOTIFICATION
    what = one.trigger or unnamed
    return f"{md(what)} · {md(words.verdict(one.verdict))}"


def _facts(view: View, one: Logged) -> None:
    local = one.received_at.astimezone(view.zone)
    rows = [
        (
            words_log.RECEIVED,
            f"{local:%Y-%m-%d %H:%M:%S}.{local:%f}"[:-3] + f" {md(view.style.zone_name)}",
        ),
        (words_log.TRANSIT, md(words.seconds(one.sent_to_received_s))),
        (words_log.TIME_TO_STORE, md(words.seconds(one.received_to_stored_s))),
        (words_log.ITEM, md(words.item(one)) + (f" ({md(one.item_id)})" if one.item_id else "")),
        (
            words_log.PERSON,
            md(words.actor(one)) + (f" ({md(one.actor_id)})" if one.actor_id else ""),
        ),
        (words_log.STATUS, str(one.answer)),
        (words_log.SIZE_FACT, "" if one.size is None else words_log.in_bytes(one.size)),
        (words_log.SIGNED_WITH, md(words.KEYS.get(one.key or "", ""))),
        (words_log.WEBHOOK, md(one.webhook_id or "")),
        (words_log.DELIVERY_ID, md(one.delivery_id or "")),
        (words_log.BODY_ID, md(one.body_id or "")),
    ]
    terms([(name, text) for name, text in rows if text])
    if one.verdict in set(Refusal):
        reported = REFUSAL_TEXTS[Refusal(one.verdict)]
        st.warning(
            words.rejection(md(reported.what), md(reported.fix), WHO[reported.who]),
            icon=":material/block:",
        )
    elif one.verdict == REPEATED:
        st.caption(words_log.DUPLICATE_NOTE)
    elif one.verdict == OWN:
        st.caption(words_log.OWN_NOTE)


def _attempts(view: View, one: Logged) -> None:
    body_id = one.body_id
    if body_id is None or one.verdict not in (ACCEPTED, REPEATED, OWN):
        return
    found = view.once(
        f"attempts.{body_id}",
        lambda: log.attempts(view.stores, view.choice.profile, body_id, limit=20),
    )
    if len(found) < 2:  # noqa: PLR2004  # alone it says nothing
        return
    st.markdown(words_log.attempts_of(len(found)))
    with st.container(horizontal=True, gap="small", key="hooks.attempts_of"):
        for each in found:
            local = each.received_at.astimezone(view.zone)
            st.button(
                words_log.attempt_button(each.attempt, f"{local:%H:%M:%S}", each.answer),
                key=f"hooks.attempt.{each.id}",
                disabled=each.id == one.id,
                on_click=_open,
                args=(each.id,),
                help=words_log.attempt_help(md(each.delivery_id or words_log.UNKNOWN)),
            )


def _open(id_: str) -> None:
    state(Visited).ticked = (id_,)
    requested = current()
    change(requested.changed(before=requested.before, delivery=id_))


def _raw(context: Context, view: View, found: Opened) -> None:
    if not view.may_read:
        st.caption(words_log.RAW_BY_HOST)
        return
    headers, body, export, again = st.tabs(words_log.RAW_TABS, key="hooks.raw", on_change="rerun")
    if headers.open:
        with headers:
            st.caption(words_log.HEADERS_NOTE)
            lines = "\n".join(f"{name}: {text}" for name, text in found.headers.items())
            st.code(lines or words_log.NO_HEADERS, language="http", height=220)
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
        st.caption(words_log.BODY_NOT_STORED)
        return
    if not found.body:
        st.caption(words_log.BODY_EMPTY)
        return
    text = found.body[:_MOST_SHOWN].decode("utf-8", "replace")
    try:
        shown = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        shown = text
    st.code(shown, language="json", height=320)
    if len(found.body) > _MOST_SHOWN:
        st.caption(words_log.BODY_CUT)


def _export(context: Context, view: View, found: Opened) -> None:
    st.caption(words_log.EXPORT_NOTE)
    st.code(as_curl(found, view.choice.profile), language="bash", wrap_lines=True)
    st.download_button(
        words_log.JSON_LINES,
        data=as_jsonl(found),
        file_name=f"delivery-{found.logged.id}.jsonl",
        mime="application/x-ndjson",
        key="hooks.jsonl",
        icon=":material/file_download:",
        on_click=lambda: record(context, "export", found.logged.id, detail="one delivery, jsonl"),
    )
