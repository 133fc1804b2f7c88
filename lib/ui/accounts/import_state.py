"""What the import form keeps in a session, and its fields' callbacks.

A token is taken into the draft at once and its widget is emptied, as on the Credentials page, so an
error never costs what was typed and no later message repeats it. A draft belongs to one profile.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from lib.accounts.fetch import Proof
from lib.box.admin_proof import AdminProof
from lib.core.redaction import Secret
from lib.http.outcome import Fault, Outcome
from lib.kloudless.account_import import CONVENTION, ExtraField, ImportOrder
from lib.ui.components.credentials.credential_entry import CredentialEntry, also_forget, take_text
from lib.ui.shell.session import state, value

MOST_FIELDS: Final = 20
PERSON, ORGANISATION = "person", "organisation"


@dataclass(slots=True)
class Import:
    """The current order, the proof of it, and the outcome of the last import.

    `rows` number the extra fields, so that each keeps its widgets when another is removed.
    """

    owner: str = ""
    order: ImportOrder = field(default_factory=ImportOrder)
    rows: dict[int, ExtraField] = field(default_factory=dict)
    next_row: int = 0
    pressed: bool = False
    proof: AdminProof | None = None
    proof_fault: Fault | None = None
    outcome: Outcome | None = None
    called: Proof | None = None


also_forget(Import)


def draft(owner: str) -> Import:
    """The session's draft for this profile; another profile starts with an empty one."""
    found = state(Import)
    if found.owner != owner:
        clear(found)
        found.owner = owner
    return found


def order_of(found: Import) -> ImportOrder:
    """The current order with its extra fields."""
    return replace(found.order, extra=tuple(found.rows.values()))


def key_of(name: str) -> str:
    """The current key of a widget of the form."""
    return state(CredentialEntry).key(f"import.{name}")


def take_secret(name: str) -> None:
    """A token was entered."""
    text = take_text(f"import.{name}").strip()
    if text:
        found = state(Import)
        found.order = _with(found.order, name, Secret(text))
        _doubt(found, name)


def drop_secret(name: str) -> None:
    """A token was cleared."""
    found = state(Import)
    found.order = _with(found.order, name, None)
    state(CredentialEntry).next_turn(f"import.{name}")
    _doubt(found, name)


def take_plain(name: str) -> None:
    """A field that isn't a secret was changed: its widget keeps the text."""
    found = state(Import)
    typed = str(value(key_of(name)) or "")
    match name:
        case "account":
            found.order = replace(found.order, account=typed)
        case "token_expiry":
            found.order = replace(found.order, token_expiry=typed)
        case "refresh_token_expiry":
            found.order = replace(found.order, refresh_token_expiry=typed)
        case _:
            found.order = replace(found.order, enterprise_id=typed)
            _doubt(found, name)


def take_kind() -> None:
    """Person or organisation was chosen: use the extra fields of that kind."""
    found = state(Import)
    organisation = value(key_of("kind")) == ORGANISATION
    if organisation != found.order.organisation:
        found.order = replace(found.order, organisation=organisation)
        use_convention()


def use_convention() -> None:
    """Set the extra fields to the default names."""
    found = state(Import)
    fields = CONVENTION if found.order.organisation else ()
    found.rows = {}
    for one in fields:
        _add(found, one)


def add_field() -> None:
    """Add an empty extra field."""
    found = state(Import)
    if len(found.rows) < MOST_FIELDS:
        _add(found, ExtraField("", ""))


def drop_field(row: int) -> None:
    """Remove an extra field."""
    state(Import).rows.pop(row, None)


def take_field(row: int) -> None:
    """The name or the value of an extra field was changed."""
    found = state(Import)
    name, said = value(key_of(f"name.{row}")), value(key_of(f"value.{row}"))
    found.rows[row] = ExtraField(str(name or ""), str(said or ""))


def clear(found: Import) -> None:
    """Empty the form; no widget keeps its text."""
    entry = state(CredentialEntry)
    for name in (
        *("kind", "account", "token", "refresh_token", "token_expiry", "refresh_token_expiry"),
        *("enterprise_id", "proof_token"),
    ):
        entry.next_turn(f"import.{name}")
    found.order, found.rows, found.pressed = ImportOrder(), {}, False
    found.proof = found.proof_fault = found.outcome = found.called = None


def _add(found: Import, one: ExtraField) -> None:
    found.rows[found.next_row] = one
    found.next_row += 1


def _with(order: ImportOrder, name: str, secret: Secret | None) -> ImportOrder:
    match name:
        case "token":
            return replace(order, token=secret)
        case "refresh_token":
            return replace(order, refresh_token=secret)
        case _:
            return replace(order, proof_token=secret)


def _doubt(found: Import, name: str) -> None:
    """A changed value makes the proof invalid."""
    if name in ("proof_token", "enterprise_id"):
        found.proof = found.proof_fault = None
