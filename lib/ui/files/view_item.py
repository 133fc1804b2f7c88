"""The Files page's last part: everything about the item that was chosen, and how it is shared."""

from collections.abc import Callable, Sequence

import streamlit as st

from lib.core.texts import md, number, size_words, undisguised
from lib.files.location import Place
from lib.files.rows import ACCESS, FILE, FOLDER, Details, Link
from lib.files.sharing_risk import signs, untold
from lib.files.source import Side, Spot
from lib.ui.components.auditing import record
from lib.ui.components.outcome import definitions, verbatim
from lib.ui.components.tables import moment_words
from lib.ui.files.identity import Lens, box_source
from lib.ui.files.state import FOLDERS, go, look_at
from lib.ui.files.view_common import answered, panels, request
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context

Facts = Sequence[tuple[str, str]]


def item(context: Context, place: Place, lenses: Sequence[Lens], *, quiet: bool) -> None:
    """The details of the chosen item by each side; a hint where none is chosen."""
    if place.item is None:
        st.caption("Choose a row to see an item's details and how it is shared.")
        return
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Details", anchor=False, width="stretch")
        st.button(
            "Close",
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
    spot = Spot(item_id)
    with st.spinner("Asking for its details…", show_time=True):
        asked = lens.ask(
            context, (kind, spot), lambda s: s.details(kind, spot), f"{kind} {item_id}"
        )
    widget = f"files.item.{lens.side}"
    found = answered(asked, lens, key=widget)
    if found is None:
        return
    st.markdown(f"##### {md(undisguised(found.row.name)) or 'Unnamed'}")
    if lens.side is Side.BOX:
        _risk(found)
    _ways(place, found, widget)
    if lens.side is Side.BOX:
        left, right = st.columns(2, gap="large") if alone else (st.container(), st.container())
        with left:
            definitions(_facts(context, found))
        with right:
            _sharing(context, place, found, quiet=quiet)
    else:
        definitions(_facts(context, found))
        st.caption(
            "Kloudless's file and folder objects say nothing about shared links, collaborators or "
            "classification: ask Box for these."
        )
    request(asked, lens.side, key=widget)


def _risk(found: Details) -> None:
    """One line of signs, each with what it means."""
    seen = signs(found)
    badges = " ".join(f":{sign.weight}-badge[{md(sign.title)}]" for sign in seen)
    missing = untold(found)
    silent = f"Box didn't tell: {', '.join(missing)}." if missing else ""
    if not seen:
        badges = "nothing of an open link, an external owner or collaborators"
    st.markdown(f"**Risk** {badges}")
    meanings = " ".join(md(sign.meaning) for sign in seen)
    if meanings or silent:
        st.caption(f"{meanings} {silent}".strip())


def _ways(place: Place, found: Details, widget: str) -> None:
    """The ways on from here: into a folder, or to the folder that it is in."""
    ways: list[tuple[str, str, Callable[[], None]]] = []
    row = found.row
    if row.kind == FOLDER and row.id and row.id != place.folder:
        ways.append(
            (
                "Open this folder",
                ":material/folder_open:",
                lambda: go(place.into(row.id), view=FOLDERS),
            )
        )
    above = found.path[-1] if found.path else None
    if above is not None and above.id and above.id != place.folder:
        chosen = place.into(above.id).looking_at(place.item)
        ways.append(
            (
                "Show the folder it is in",
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
        ("Kind", md(row.kind_word)),
        ("Box ID", verbatim(row.id)),
        ("Path", _path(found)),
        ("Size", size_words(row.size)),
        ("Owner", _owner(found)),
        ("Created", _with_person(moment_words(found.created_at, context), found.created_by)),
        ("Changed", _with_person(moment_words(row.modified_at, context), found.modified_by)),
        ("Content from", moment_words(found.content_modified_at, context, "")),
        ("Version", md(found.version)),
        ("Type", md(found.media_type)),
        ("Comments", "" if found.comments is None else number(found.comments)),
        ("Lock", _lock(context, found)),
        ("Deleted on", moment_words(found.expires_at, context, "")),
        ("Status", md(found.status) if found.status not in ("", "active") else ""),
        ("Tags", md(", ".join(found.tags))),
        ("Classification", _classification(found)),
        ("SHA-1", verbatim(found.sha1) if found.sha1 else ""),
        ("Kloudless ID", verbatim(row.other_id) if row.other_id else ""),
        ("This identity may", md(", ".join(found.allowed))),
        ("Description", md(undisguised(found.description))),
    ]
    return [(term, said) for term, said in facts if said]


def _path(found: Details) -> str:
    return " / ".join(md(undisguised(crumb.name)) for crumb in found.path) or "the root itself"


def _owner(found: Details) -> str:
    row = found.row
    login = verbatim(row.owner_login) if row.owner_login else ""
    return f"{md(undisguised(row.owner))} {login}".strip() or "not told"


def _with_person(when: str, person: str) -> str:
    return f"{when}, by {md(undisguised(person))}" if person else when


def _lock(context: Context, found: Details) -> str:
    if found.locked is None:
        return ""
    over = found.lock_ends_at is not None and found.lock_ends_at <= context.now
    if not found.locked or over:
        return "none"
    return f"until {moment_words(found.lock_ends_at, context, 'it is taken off')}"


def _classification(found: Details) -> str:
    said = found.row.classification
    return "" if said is None else md(undisguised(said)) or "none"


def _sharing(context: Context, place: Place, found: Details, *, quiet: bool) -> None:
    st.markdown("**Sharing**")
    row = found.row
    facts = [
        ("Collaborators", _collaborators(row.collaborations)),
        ("Owned outside", {True: "yes", False: "no", None: "not told"}[row.external]),
    ]
    if row.link is None:
        facts.insert(0, ("Shared link", "none" if row.link_told else "not told"))
        definitions(facts)
        return
    definitions([*_link_facts(context, row.link), *facts])
    _reveal(context, place, found, quiet=quiet)


def _collaborators(told: bool | None) -> str:  # noqa: FBT001  # what Box says
    return {True: "yes, beside the owner", False: "none beside the owner", None: "not told"}[told]


def _link_facts(context: Context, link: Link) -> Facts:
    guard = {True: "yes", False: "no", None: "not told"}[link.password]
    access = md(ACCESS.get(link.access, link.access))
    effective = md(ACCESS.get(link.effective_access, link.effective_access))
    return [
        ("Shared link", access or "not told"),
        ("In effect", effective or "not told"),
        ("Permission in effect", md(link.effective_permission.replace("_", " ")) or "not told"),
        ("The link allows", md(", ".join(link.allows)) or "not told"),
        ("Password", guard),
        ("Ends", moment_words(link.ends_at, context, "never")),
        (
            "Used",
            f"{_count(link.downloads)} downloads, {_count(link.previews)} previews",
        ),
    ]


def _count(told: int | None) -> str:
    return "unknown" if told is None else number(told)


def _reveal(context: Context, place: Place, found: Details, *, quiet: bool) -> None:
    """The link's address: fetched when it is asked for, shown once, kept nowhere."""
    row = found.row
    pressed = st.button(
        "Reveal the link's address",
        key="files.item.reveal",
        icon=":material/visibility:",
        help="Whoever has the address may get in with it. It is shown until your next click.",
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
            st.caption("The link is gone by now.")
