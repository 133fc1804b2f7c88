"""The Files page's last part: everything about the selected item, and how it is shared."""

from collections.abc import Callable, Sequence

import streamlit as st

from lib.core.texts import md, number, size_words, undisguised
from lib.files.location import Place
from lib.files.rows import ACCESS, FILE, FOLDER, Details, Link
from lib.files.sharing_risk import needed_untold, signs, untold
from lib.files.source import FileSide, ItemRef
from lib.ui.components.auditing import record
from lib.ui.components.outcome import definitions, verbatim
from lib.ui.components.tables import time_words
from lib.ui.files import words, words_item
from lib.ui.files.identity import Lens, box_source
from lib.ui.files.state import FOLDERS, go, look_at
from lib.ui.files.view_common import answered, panels, request
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context

Facts = Sequence[tuple[str, str]]


def item(context: Context, place: Place, lenses: Sequence[Lens], *, quiet: bool) -> None:
    """The details of the selected item on each side; a hint where none is selected."""
    if place.item is None:
        st.caption(words_item.CHOOSE)
        return
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(words.DETAILS, anchor=False, width="stretch")
        st.button(
            words_item.CLOSE,
            key="files.item.close",
            icon=":material/close:",
            on_click=look_at,
            args=(place, None),
        )
    panels(
        lenses,
        lambda lens: _panel(context, place, lens, quiet=quiet, alone=len(lenses) == 1),
        key="files.item",
    )


def _panel(context: Context, place: Place, lens: Lens, *, quiet: bool, alone: bool) -> None:
    kind, item_id = place.item or ("", "")
    spot = ItemRef(item_id)
    with st.spinner(words_item.GETTING_DETAILS, show_time=True):
        asked = lens.ask(
            context, (kind, spot), lambda s: s.details(kind, spot), f"{kind} {item_id}"
        )
    widget = f"files.item.{lens.side}"
    found = answered(asked, lens, key=widget)
    if found is None:
        return
    st.markdown(f"##### {md(undisguised(found.row.name)) or words.UNNAMED}")
    if lens.side is FileSide.BOX:
        _risk(found)
    _ways(place, found, widget)
    if lens.side is FileSide.BOX:
        left, right = st.columns(2, gap="large") if alone else (st.container(), st.container())
        with left:
            definitions(_facts(context, found))
        with right:
            _sharing(context, place, found, quiet=quiet)
    else:
        definitions(_facts(context, found))
        st.caption(words_item.KLOUDLESS_LIMITS)
    request(asked, lens.side, key=widget)


def _risk(found: Details) -> None:
    """One line of signs, each with its meaning."""
    seen = signs(found)
    badges = " ".join(f":{sign.weight}-badge[{md(sign.title)}]" for sign in seen)
    missing = untold(found)
    silent = words_item.untold(missing) if missing else ""
    if not seen:
        badges = words_item.RISK_UNKNOWN if needed_untold(found) else words_item.NO_RISK
    st.markdown(words_item.risk(badges))
    meanings = " ".join(md(sign.meaning) for sign in seen)
    if meanings or silent:
        st.caption(f"{meanings} {silent}".strip())


def _ways(place: Place, found: Details, widget: str) -> None:
    """Buttons to open the folder, or the item's parent folder."""
    ways: list[tuple[str, str, Callable[[], None]]] = []
    row = found.row
    if row.kind == FOLDER and row.id and row.id != place.folder:
        ways.append(
            (
                words_item.OPEN_FOLDER,
                ":material/folder_open:",
                lambda: go(place.into(row.id), view=FOLDERS),
            )
        )
    above = found.path[-1] if found.path else None
    if above is not None and above.id and above.id != place.folder:
        chosen = place.into(above.id).looking_at(place.item)
        ways.append(
            (
                words_item.SHOW_PARENT,
                ":material/drive_file_move:",
                lambda: go(chosen, view=FOLDERS),
            )
        )
    if not ways:
        return
    with st.container(horizontal=True):
        for at, (label, icon, act) in enumerate(ways):
            st.button(label, key=f"{widget}.way.{at}", icon=icon, on_click=act)


def _facts(context: Context, found: Details) -> Facts:
    row = found.row
    facts = [
        (words.KIND, md(row.kind_word)),
        (words_item.BOX_ID, verbatim(row.id)),
        (words_item.PATH, _path(found)),
        (words_item.SIZE_FACT, size_words(row.size)),
        (words.OWNER, _owner(found)),
        (words.CREATED, _with_person(time_words(found.created_at, context), found.created_by)),
        (words.CHANGED, _with_person(time_words(row.modified_at, context), found.modified_by)),
        (words_item.CONTENT_MODIFIED, time_words(found.content_modified_at, context, "")),
        (words_item.VERSION, md(found.version)),
        (words_item.TYPE, md(found.media_type)),
        (words_item.COMMENTS, "" if found.comments is None else number(found.comments)),
        (words_item.LOCK, _lock(context, found)),
        (words_item.EXPIRES, time_words(found.expires_at, context, "")),
        (words_item.STATUS, md(found.status) if found.status not in ("", "active") else ""),
        (words_item.TAGS, md(", ".join(found.tags))),
        (words.CLASSIFICATION, _classification(found)),
        (words_item.SHA_1, verbatim(found.sha1) if found.sha1 else ""),
        (words_item.KLOUDLESS_ID, verbatim(row.other_id) if row.other_id else ""),
        (words_item.ALLOWED, md(", ".join(found.allowed))),
        (words_item.DESCRIPTION, md(undisguised(found.description))),
    ]
    return [(term, said) for term, said in facts if said]


def _path(found: Details) -> str:
    return " / ".join(md(undisguised(crumb.name)) for crumb in found.path) or words_item.IS_ROOT


def _owner(found: Details) -> str:
    row = found.row
    login = verbatim(row.owner_login) if row.owner_login else ""
    return f"{md(undisguised(row.owner))} {login}".strip() or words.NOT_REPORTED


def _with_person(when: str, person: str) -> str:
    return words_item.by_person(when, md(undisguised(person))) if person else when


def _lock(context: Context, found: Details) -> str:
    if found.locked is None:
        return ""
    over = found.lock_ends_at is not None and found.lock_ends_at <= context.now
    if not found.locked or over:
        return words_item.NONE
    return words_item.locked_until(
        time_words(found.lock_ends_at, context, words_item.LOCK_OPEN_END)
    )


def _classification(found: Details) -> str:
    said = found.row.classification
    return "" if said is None else md(undisguised(said)) or words_item.NONE


def _sharing(context: Context, place: Place, found: Details, *, quiet: bool) -> None:
    st.markdown(words_item.SHARING)
    row = found.row
    facts = [
        (words.COLLABORATORS, _collaborators(row.collaborations)),
        (words_item.OWNED_OUTSIDE, words_item.YES_NO[row.external]),
    ]
    if row.link is None:
        facts.insert(
            0, (words.SHARED_LINK, words_item.NONE if row.link_reported else words.NOT_REPORTED)
        )
        definitions(facts)
        return
    definitions([*_link_facts(context, row.link), *facts])
    _reveal(context, place, found, quiet=quiet)


def _collaborators(reported: bool | None) -> str:  # noqa: FBT001  # what Box says
    return words_item.COLLABORATIONS[reported]


def _link_facts(context: Context, link: Link) -> Facts:
    guard = words_item.YES_NO[link.password]
    access = md(ACCESS.get(link.access, link.access))
    permission = md(link.effective_permission.replace("_", " "))
    effective = md(ACCESS.get(link.effective_access, link.effective_access))
    return [
        (words.SHARED_LINK, access or words.NOT_REPORTED),
        (words_item.EFFECTIVE_ACCESS, effective or words.NOT_REPORTED),
        (
            words_item.EFFECTIVE_PERMISSION,
            permission or words.NOT_REPORTED,
        ),
        (words_item.LINK_ALLOWS, md(", ".join(link.allows)) or words.NOT_REPORTED),
        (words_item.GUARD, guard),
        (words_item.LINK_EXPIRES, time_words(link.ends_at, context, words_item.NEVER)),
        (
            words_item.USAGE,
            words_item.link_usage(_count(link.downloads), _count(link.previews)),
        ),
    ]


def _count(reported: int | None) -> str:
    return words_item.COUNT_UNKNOWN if reported is None else number(reported)


def _reveal(context: Context, place: Place, found: Details, *, quiet: bool) -> None:
    """The shared link: fetched when it is asked for, shown once, kept nowhere."""
    row = found.row
    pressed = st.button(
        words_item.REVEAL,
        key="files.item.reveal",
        icon=":material/visibility:",
        help=words_item.REVEAL_HELP,
    )
    if not pressed:
        return
    with boundary():
        shown = [
            one
            for one in box_source(context, place.user, quiet=quiet).link_addresses(
                row.kind if row.kind == FOLDER else FILE, row.id
            )
            if one
        ]
        subject = f"{row.kind} {row.id}"
        record(context, "reveal_link", subject, detail="the shared link's address")
        for address in shown:
            st.code(address, language=None, wrap_lines=True)
        if not shown:
            st.caption(words_item.LINK_GONE)
