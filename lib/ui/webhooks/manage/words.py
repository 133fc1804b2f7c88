"""The texts of the tab Management: owners, the list, one webhook, new ones, Kloudless's."""

from collections.abc import Sequence
from typing import Final

from lib.core.texts import number, plural
from lib.settings.profiles import ProfileKind
from lib.webhooks.manage.lint_rules import MOST
from lib.webhooks.manage.lint_subjects import Owner
from lib.webhooks.manage.linting import LintSeverity
from lib.webhooks.manage.triggers import FILE, FOLDER

ASKING: Final = "Asking Box…"
ASKING_EACH: Final = "Asking Box about each webhook…"
BY_HOST: Final = "Only the host of this app can change this profile's webhooks."


def no_box(label: str) -> str:
    """The profile has nothing to manage Box's webhooks with; as Markdown."""
    return f"**{label}** has no Box credentials. Box's webhooks are managed with them."


# -- Box's own notices -----------------------------------------------------------------------------

A_WEBHOOK: Final = "A webhook"


def webhook(id_: str) -> str:
    """`Webhook 123`."""
    return f"Webhook {id_}"


def alarm_deleted(name: str, at: str) -> str:
    """Box removed a webhook; as Markdown."""
    return (
        f"**{name} was removed by Box** ({at}). Box does this when deliveries have failed for a "
        "long time, or when its owner's tokens are gone.\n\n**What to do:** Make sure that "
        "deliveries get a 2xx response, then create the webhook again below."
    )


def alarm_no_session(name: str, at: str, times: int) -> str:
    """Box has no session of the owner; as Markdown."""
    return (
        f"**The owner of {name[0].lower()}{name[1:]} has no session** (last {at}, "
        f"{plural(times, 'delivery', 'deliveries')}). Until this is fixed, Box delivers "
        "NO\\_ACTIVE\\_SESSION instead of events.\n\n**What to do:** Have an admin authorize the "
        "app again (JWT), sign in again (OAuth), or create the webhook as the service account."
    )


# -- owners ----------------------------------------------------------------------------------------

WEBHOOKS_OF: Final = "**Webhooks of**"
OWNER_KINDS: Final = {
    Owner.SERVICE: "the app's service account",
    Owner.PERSON: "a person",
    Owner.UNKNOWN: "unknown",
}
ANOTHER_OWNER: Final = "Another owner"
ONLY_OWN: Final = "Only the app's own"
NOT_LISTED: Final = "not listed"
ACTING_NOTE: Final = (
    "Box shows a person's webhooks to that person only, so the app asks on their behalf (As-User). "
    "This is written to the audit log."
)
FIND_PERSON: Final = "Find a person"
FIND_PLACEHOLDER: Final = "Start of a name or login"
PERSON: Final = "Person"
CHOOSE_PERSON: Final = "Choose whose webhooks to list"
NO_PERSON: Final = "No name or login starts with this text"
LIST_TOO: Final = "List their webhooks too"
NO_NAME: Final = "no name"


def webhooks(count: int) -> str:
    """`1 webhook`, `3 webhooks`."""
    return plural(count, "webhook")


def owner_badge(name: str, kind: Owner, count: str) -> str:
    """`Ada Lind · a person · 3 webhooks`."""
    return f"{name} · {OWNER_KINDS[kind]} · {count}"


def person(name: str, login: str) -> str:
    """`Ada Lind · ada@acme.example`."""
    return f"{name or NO_NAME} · {login}"


# -- the list --------------------------------------------------------------------------------------

NONE_YET: Final = "No webhooks yet"
NONE_YET_NOTE: Final = (
    "This app has no webhooks for these owners. Create one below, or add the person who created "
    "them: Box shows a person's webhooks to nobody else."
)
ITEM: Final = "Item"
KIND: Final = "Kind"
ISSUES: Final = "Issues"
TRIGGERS: Final = "Triggers"
ADDRESS: Final = "Address"
OWNER: Final = "Owner"
LAST_DELIVERY: Final = "Last delivery here"
CREATED: Final = "Created"
ID: Final = "ID"
LIST_ALT: Final = "Webhooks: what each watches, where it delivers, and its issues"
REFRESH: Final = "Refresh"
NOT_FOUND: Final = "✗ not found"
NOT_REPORTED: Final = "? not reported"


def meter(name: str, used: int, warning: str) -> str:
    """How much of the limit an owner has used, as Markdown."""
    return f"{warning}{name}: {number(used)} of {number(MOST)} webhooks"


def list_note(total: int, owners: int) -> str:
    """Below the list."""
    return (
        f"{webhooks(total)} of {plural(owners, 'owner')}; limit: {number(MOST)} per owner. Select "
        "one to see its issues, change it or delete it."
    )


def item(kind: str, id_: str) -> str:
    """`folder 123`: an item whose name isn't known."""
    return f"{kind or 'item'} {id_}"


# -- issues ----------------------------------------------------------------------------------------

SEVERITIES: Final = {
    LintSeverity.ERROR: ("error", "errors"),
    LintSeverity.WARNING: ("warning", "warnings"),
    LintSeverity.HINT: ("hint", "hints"),
}
NO_ISSUES: Final = "✓ none"


def severity(which: LintSeverity, count: int) -> str:
    """`2 warnings`."""
    return plural(count, *SEVERITIES[which])


# -- one webhook -----------------------------------------------------------------------------------

WELL: Final = "No issues found, as far as this app can tell."
WATCHES: Final = "Watches"
DELIVERS_TO: Final = "Delivers to"
NONE: Final = "none"
NOT_VISIBLE: Final = " · its owner can't see it (any more)"
CHANGE: Final = "Change"
UNCHANGED: Final = "No changes."
CHANGE_NOTE: Final = "Request to send; it replaces the whole list of triggers:"
SAVE: Final = "Save changes"
DELETE: Final = "Delete…"
DELETE_TITLE: Final = "Delete this webhook?"
DELETE_NOTES: Final = (
    "- Box stops delivering events of this item immediately.\n"
    "- Past deliveries stay in the log. Nothing in the folder is deleted.\n"
    "- This can't be undone: a new webhook gets another ID."
)
DELETE_IT: Final = "Delete webhook"


def cleanup(days: int) -> str:
    """When Box may remove it."""
    return f" · Box may remove it in {plural(days, 'day')} at the earliest"


def type_to_delete(id_: str) -> str:
    """The label of the field that confirms."""
    return f"Type {id_} to confirm"


# -- a new webhook ---------------------------------------------------------------------------------

NEW: Final = "New webhook"
NEW_WELL: Final = (
    "No issues found, as far as this app can tell. Only Box finds out whether the host name "
    "resolves to a public address and whether a public authority issued the certificate."
)
OWNER_HELP: Final = "Only the owner sees the webhook, and it ends with the owner's tokens."
ADDRESS_HELP: Final = (
    "https, port 443, a public host. This app's own address for the profile is filled in where it "
    "is known."
)
ADDRESS_HELP_SESSION: Final = "A session profile has no address: enter another receiver's."
TRIGGERS_PLACEHOLDER: Final = "Events to deliver"
ITEM_KINDS: Final = {FOLDER: "A folder and everything below it", FILE: "One file"}
FOLDER_: Final = "Folder"
FILE_ID: Final = "File ID"
FOLDER_ID: Final = "Folder ID"
FOLDER_ID_HELP: Final = "The number at the end of the folder's URL in Box."
ANOTHER_FOLDER: Final = "Another, by its ID"
REQUEST: Final = "Request to send"
CREATE: Final = "Create webhook"


def no_folder(name: str) -> str:
    """What to do where an owner sees no folder; as Markdown."""
    return (
        f"**{name}** sees no folders here. Invite it to the folders to be watched, or use “Another "
        "owner” to choose an owner who has them."
    )


def meanings(reported: Sequence[str], more: int) -> str:
    """What the chosen triggers mean."""
    rest = f" And {more} more." if more > 0 else ""
    return f"{'. '.join(reported)}.{rest}" if reported else ""


# -- several folders -------------------------------------------------------------------------------

SEVERAL: Final = "Several folders"
BELOW: Final = "Parent folder"
BELOW_HELP: Final = "A folder's ID; 0 is the owner's root."
FOLDERS: Final = "Folders"
FOLDERS_PLACEHOLDER: Final = "Folders to watch"
CREATE_NONE: Final = "Create webhooks"
WHY: Final = "Why"
PREVIEW_ALT: Final = "The webhook for each folder, and its issues"
CLOSE: Final = "Close"
FOLDER_COLUMN: Final = "Folder"
OUTCOME: Final = "Outcome"
WEBHOOK: Final = "Webhook"
FIX: Final = "What to do"
WHO: Final = "Who"
RESULTS_ALT: Final = "The outcome for each folder"
MADE: Final = "✓ Created"
LEFT: Final = "… not started"
REJECTED: Final = "✗ Rejected"
NO_ANSWER: Final = "✗ No response"


def create(count: int) -> str:
    """The button."""
    return f"Create {webhooks(count)}" if count else CREATE_NONE


def requests(count: int) -> str:
    """The heading above one of the calls."""
    return f"Requests to send: {plural(count, 'call')} like this one"


def left_out(count: int) -> str:
    """Folders with an error."""
    verb = "is" if count == 1 else "are"
    return f"{plural(count, 'folder')} {verb} left out for the reasons shown above."


def batch(folders: int, made: int, rejected: int, left: int) -> str:
    """`**3 folders:** 2 created · 1 rejected` as Markdown."""
    parts = (
        f"{made} created" if made else "",
        f"{rejected} rejected" if rejected else "",
        f"{left} not started" if left else "",
    )
    return f"**{plural(folders, 'folder')}:** {' · '.join(part for part in parts if part)}"


def resume(left: int) -> str:
    """The button."""
    return f"Continue with {plural(left, 'folder')}"


def progress(done: int, total: int) -> str:
    """How far the batch is."""
    return f"{done} of {total}"


# -- changes ---------------------------------------------------------------------------------------

DONE: Final = {
    "create_webhook": ("Created a webhook for", "Not created: a webhook for"),
    "change_webhook": ("Changed", "Not changed:"),
    "delete_webhook": ("Deleted", "Not deleted:"),
}
BOX_ANSWER: Final = "Box's response"
ALREADY_GONE: Final = "it was deleted already"
DOUBT: Final = "Box reported success, but this differs from what was requested."
GONE: Final = "This webhook no longer exists, or its owner can't see it."
GONE_CAUSE: Final = (
    "It was in the last list from Box. Since then somebody deleted it, or Box removed it."
)
GONE_FIX: Final = (
    "Close this: the list is loaded again. If the webhook is still needed, create it again; it "
    "gets another ID."
)

# -- Kloudless -------------------------------------------------------------------------------------

KLOUDLESS: Final = "Kloudless's webhooks"
CONFIGURED: Final = "Configured"
NOT_VISIBLE_KLOUDLESS: Final = (
    "not visible with an API key: only Kloudless's developer portal, or a token for its Meta API, "
    "shows an application's webhooks"
)
APPLICATION: Final = "Application"
UNKNOWN: Final = "unknown"
ADDRESS_TO_ENTER: Final = "Address to enter there"
NO_ADDRESS: Final = {
    ProfileKind.SANDBOX: "none: the sandbox delivers by itself, with “Generate events”",
    ProfileKind.SESSION: "none: a session profile has no address",
    ProfileKind.CONFIGURED: "unknown: open this page by its public address",
}
EXPECTED: Final = "Expected response"
EXPECTED_ANSWER: Final = (
    "status 200 with the App ID as the whole body; this is what this app answers"
)
TRY_TEST: Final = "Send the signed test"
TRY_TEST_HELP: Final = (
    "Kloudless sends a request with an empty, signed body to an address before it saves it."
)
TESTED: Final = (
    "Received here, genuine, and answered as Kloudless expects: the address can be saved in the "
    "portal."
)
ASKING_KLOUDLESS: Final = "Asking Kloudless…"
NO_ACCOUNT: Final = "No account is connected yet. Connect one on the Accounts page."
ACCOUNT: Final = "Account"
KLOUDLESS_ID: Final = "Kloudless ID"
COVERED: Final = "Covered"
NOTICES: Final = "Notifications"
LAST_NOTICE: Final = "Last notification"
ACCOUNTS_ALT: Final = "Kloudless accounts, and when a notification here last named each"
NAMED: Final = "✓ named"
NOT_YET: Final = "? not yet"
DISABLED: Final = "✗ disabled"


def not_accepted(reason: str) -> str:
    """The signed test failed."""
    return f"Not accepted here: {reason}."


def covered(count: int, total: int) -> str:
    """How many accounts were named, as Markdown."""
    return (
        f"**{count} of {plural(total, 'account')}** were named by a notification received here. An "
        "account without activity isn't named."
    )
