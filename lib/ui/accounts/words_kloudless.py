"""The texts of the Accounts page about Kloudless accounts: list, change, connect, import.

A parameter named `..._md` is Markdown already; every other one is a plain value that needs no
escaping.
"""

from datetime import datetime
from typing import Final

from lib.core.texts import plural

# The list
SEARCH: Final = "Search accounts"
SERVICE: Final = "Service"
ALL: Final = "All"
BOX: Final = "Box"
KLOUDLESS_APPLICATION: Final = "Kloudless application"
RIGHTS: Final = "Rights"
STATE: Final = "State"
ADMIN: Final = "Admin"
PERSONAL: Final = "Personal"
ENABLED: Final = "Enabled"
DISABLED: Final = "Disabled"
ACCOUNT: Final = "Account"
CREATED: Final = "Created"
TESTED: Final = "Tested"
APIS: Final = "APIs"
ACCOUNTS: Final = "accounts"
ACCOUNTS_TABLE: Final = "Connected Kloudless accounts with their state"
GETTING_ACCOUNTS: Final = "Getting accounts from Kloudless…"
NOTHING_FITS: Final = "No account matches. Change the search or the filters."
NO_ACCOUNTS: Final = "No account is connected to this application yet. Connect or import one."
CHOOSE: Final = "Select a row to see or change an account. Select several to change them together."
NOT_REPORTED: Final = "Not reported by Kloudless"
ADMIN_RIGHTS: Final = "Admin, organisation-wide"


def searched_for_service(accounts: int) -> str:
    """How many accounts were read to find those of one service."""
    return f"Kloudless can't filter by service: this app searched {plural(accounts, 'account')}."


# Testing accounts
TEST_ONE: Final = "Test this account"
TEST_HELP: Final = "One small read call per account: can Kloudless still reach Box with it?"
TESTING: Final = "Testing…"
UNTESTED_DISABLED: Final = "Disabled in Kloudless: calls fail until it is enabled there."
UNTESTED_NO_FILES: Final = "Enabled in Kloudless. It has no files, so there is nothing to test."
UNTESTED: Final = "Enabled in Kloudless. Only a test call shows whether it still reaches Box."


def test_batch(accounts: int) -> str:
    """The button that tests the accounts on show."""
    return f"Test {plural(accounts, 'account')}"


def done_of(done: int, total: int) -> str:
    """The progress through a list."""
    return f"{done} of {total}"


# An account's details
KLOUDLESS_ID: Final = "Kloudless ID"
SCOPE: Final = "Scope"
CONNECTED: Final = "Connected"
CHANGED: Final = "Changed"
EXPIRY: Final = "Box token expires"
DOES_IT_WORK: Final = "#### Does it work?"
FILES_LINK: Final = "Open its files"


def account_heading(service_md: str) -> str:
    """The heading of an account's details."""
    return f"#### {service_md} account"


def callable_at(instant: datetime) -> str:
    """The account answered a call; `moment` is UTC."""
    return f"**Callable**: it answered at {instant:%H:%M:%S} UTC."


# Changing one account
ONLY_HOST_CHANGES: Final = "Only the host of this app can change this profile's accounts."
CHANGE_HEADING: Final = "#### Change this account"
CALLING: Final = "Calling Kloudless…"
ENABLE: Final = "Enable"
DISABLE: Final = "Disable"
DISABLE_HELP: Final = "It stays in the list, keeps its ID, and can be enabled again."
ENABLE_HELP: Final = "It keeps its ID and its tokens. Test it afterwards."
RENAME: Final = "Rename"
NEW_NAME: Final = "New name"
NEW_NAME_HELP: Final = "Changes only the account's name in Kloudless, nothing in Box."
SAVE_NAME: Final = "Save name"
NAME_NEEDED: Final = ":red[:material/error:] Enter a name."
SAME_NAME: Final = "The account already has this name."
NEW_TOKENS: Final = "New tokens"
NEW_TOKENS_INTRO: Final = (
    "Replace a Box token that no longer works. The account keeps its ID. The new tokens must "
    "belong to the same person. Kloudless doesn't test them."
)
TOKEN_LABELS: Final = {"token": "New token", "refresh_token": "New refresh token (optional)"}
NEW_EXPIRY: Final = "New token expires (optional)"
SEND_TOKENS: Final = "Send tokens"
REPLACE: Final = "Set. Enter another to replace it."
SET: Final = ":green[:material/check_circle:] Set, and hidden."
DELETE_MENU: Final = "Delete…"
DELETE_ONE: Final = "Delete this account?"
DELETE_ONE_BUTTON: Final = "Delete account"


def delete_one(name_md: str, id_md: str, service_md: str) -> str:
    """What deleting an account does."""
    return (
        f"{name_md} · Kloudless ID {id_md} · {service_md}\n\n"
        "- Kloudless removes the account from this application, and **its tokens stop working at "
        "once**, everywhere they are used.\n"
        "- This app stops reading its activity.\n"
        "- Nothing is deleted in Box.\n"
        "- You can't undo this: to use the account again, connect or import it again."
    )


def type_to_delete(text_md: str) -> str:
    """The label of the field that confirms deleting an account."""
    return f"Type {text_md} to delete the account"


# Changing several accounts
DELETE_SEVERAL: Final = "Delete these accounts?"
DELETE_SEVERAL_INTRO: Final = (
    "Kloudless removes them from this application, and **their tokens stop working at once**, "
    "everywhere they are used. Nothing is deleted in Box. You can't undo this: to use one again, "
    "connect or import it again."
)
DELETE_SEVERAL_BUTTON: Final = "Delete accounts"
CLOSE: Final = "Close"
OUTCOME: Final = "Outcome"
WHY: Final = "Why"
WHAT_TO_DO: Final = "What to do"
WHO: Final = "Who"
REQUEST_ID: Final = "Request ID"
BATCH_TABLE: Final = "The outcome for each account"
LEFT: Final = "… remaining"
REFUSED: Final = "✗ Refused"
NO_ANSWER: Final = "✗ No answer"
UNCLEAR: Final = "? Unclear"


def chosen(accounts: int) -> str:
    """The heading above the accounts that were chosen."""
    return f"#### {plural(accounts, 'account')} selected"


def go_on(accounts: int) -> str:
    """The button that goes on with the accounts that are left."""
    return f"Continue with {plural(accounts, 'account')}"


def batch_heading(accounts: int, state_md: str) -> str:
    """How many accounts a batch has, and how they went."""
    return f"**{plural(accounts, 'account')}**: {state_md}"


def done(what: str) -> str:
    """The outcome of a change that was made."""
    return f"✓ {what}"


def type_to_delete_several(text_md: str) -> str:
    """The label of the field that confirms deleting accounts."""
    return f"Type {text_md}"


# Connecting an account
ONLY_HOST_CONNECTS: Final = "Only the host of this app can connect accounts to this profile."
CONNECT: Final = "Connect an account"
RECONNECT: Final = "Reconnect"
RECONNECT_HELP: Final = (
    "The account's user signs in again; the account keeps its ID. Use it when the Box token no "
    "longer works."
)
SIGN_IN_TO_BOX: Final = "Sign in to Box"
SIGN_IN_TO_BOX_HELP: Final = "With OAuth 2.0, on the Credentials page."
OWN_ADDRESS_UNKNOWN: Final = (
    "The browser doesn't report this app's address, so a sign-in couldn't return here."
)
REDIRECT_URI: Final = (
    "List this redirect URI with the Kloudless application (App Details page, OAuth settings):"
)
KLOUDLESS: Final = "Kloudless"
CONNECT_AT_KLOUDLESS: Final = "Connect at Kloudless"
LINK_SHOWN: Final = "The exact authorization URL:"
CONSENT_TROUBLE: Final = (
    "If Kloudless shows an error and doesn't send you back, check that the redirect URI above is "
    "listed with the application. If the other tab returned but this page doesn't continue, paste "
    "that tab's address here:"
)
SCOPE_HELP: Final = (
    "Choose one or type your own. Separate entries with spaces: box, box.storage, box:admin."
)
ADMIN_SCOPE: Final = (
    ":material/shield_person: An administrator of the organisation must sign in. Kloudless's own "
    "examples use all:admin; that Box's scope is written box:admin is our reading of them."
)
PERSONAL_CAME: Final = (
    "Administrator access was requested, but Kloudless reports this account as a personal one."
)
LIST_FILTERED: Final = "The list below shows only this account. Clear its search to see all."


def reconnecting(name_md: str, id_md: str) -> str:
    """Which account a sign-in is to renew."""
    return f"Renew {name_md} (account {id_md}): its user signs in again in the other tab."


def offered_scope(scope: str, meaning: str) -> str:
    """A scope that can be chosen."""
    return f"{scope} · {meaning}"


def named(name_md: str, id_md: str) -> str:
    """An account by name and ID."""
    return f"{name_md} (account {id_md})"


def other_person(requested_md: str, came_md: str) -> str:
    """Another account came than the one to be renewed."""
    return (
        f"You chose to renew {requested_md}, which is unchanged. Another person signed in: "
        f"{came_md} was connected instead."
    )


def same_account(account_md: str) -> str:
    """The account was there before."""
    return f"The same account as before: {account_md} kept its ID and was renewed."


def maybe_new(account_md: str) -> str:
    """It isn't known whether the account was there before."""
    return f"Connected: {account_md}. Kloudless doesn't report whether it existed before."


def new_account(account_md: str) -> str:
    """The account wasn't there before."""
    return f"New account: {account_md}."


# Importing an account
IMPORT: Final = "Import an account"
IMPORT_INTRO: Final = (
    "Use this when you already have Box tokens for an account, so nobody needs to sign in. "
    "Kloudless accepts tokens without testing them; this app tests the account right afterwards."
)
ACCOUNT_TYPE: Final = "Account type"
ONE_PERSON: Final = "One person"
ORGANISATION: Final = "A Box organisation, over JWT"
FIELDS: Final = {
    "account": "Account name",
    "enterprise_id": "Enterprise ID",
    "proof_token": "Proof token",
    "token": "Token",
    "token_expiry": "Token expires (optional)",
    "refresh_token": "Refresh token (optional)",
    "refresh_token_expiry": "Refresh token expires (optional)",
}
_TIME: Final = "ISO 8601. Without a time zone, UTC."
FIELD_HELP: Final = {
    "account": "The account's name in lists, usually its e-mail address.",
    "token": "A Box access token of this person. It is sent to Kloudless and not stored here.",
    "refresh_token": "Kloudless uses it to renew the token.",
    "token_expiry": _TIME,
    "refresh_token_expiry": _TIME,
    "enterprise_id": "A Box admin finds it in the Admin Console, Account & Billing.",
    "proof_token": "The access token of an admin or co-admin of that enterprise who signed in to "
    "an OAuth app of yours. It shows Kloudless that they have admin rights there.",
}
CLEAR: Final = "Clear"
CHECK_PROOF: Final = "Check the proof"
CHECK_PROOF_HELP: Final = (
    "Asks Box whether the token belongs to an admin or co-admin of that enterprise."
)
PROOF_NEEDS: Final = ":red[:material/error:] Enter the enterprise ID and the proof token first."
PROOF_LIMITS: Final = (
    "Box confirms this for the token, now. Only the import shows whether the enterprise has "
    "authorized the app whose JWT keys Kloudless uses."
)
CHECKING_PROOF: Final = "Asking Box whose token it is…"
EXTRA_FIELDS: Final = "**Additional fields**"
ORGANISATION_FIELDS: Final = "**Fields for an organisation**"
ORGANISATION_FIELDS_NOTE: Final = (
    ":material/info: These names are a convention of this app. Kloudless's own page listed the "
    "names for Box, and no copy of that list is left. Your Kloudless may expect others: change "
    "what is sent here."
)
EXTRA_FIELDS_NOTE: Final = "As far as is known, Box needs none. Added fields are sent unchanged."
ADD_FIELD: Final = "Add field"
RESTORE_NAMES: Final = "Restore default names"
FIELD_NAME: Final = "Field name"
FIELD_VALUE: Final = "Value"
FIELD_VALUE_EXAMPLE: Final = "Choose or type"
FIELD_VALUE_HELP: Final = 'Valid JSON (true, 12, "text") is sent as JSON, anything else as text.'
REMOVE_FIELD: Final = "Remove"
REMOVE_UNNAMED: Final = "Don't send this field"
REQUEST_HEADING: Final = "**Request preview**, secrets hidden"
IMPORT_BUTTON: Final = "Import"
CLEAR_FORM: Final = "Clear form"
NOT_SENT: Final = ":red[:material/error:] Not sent: see the messages at the fields."
IMPORTING: Final = "Importing…"
TESTING_IMPORTED: Final = "Testing the account…"
IMPORTED_FAILS: Final = "**Imported, but it doesn't work.** A call for its root folder was refused:"


def clear_field(label: str) -> str:
    """What the button beside a secret does."""
    return f"Clear: {label}"


def proved(by_md: str) -> str:
    """The proof token was shown to be an admin's."""
    return f"**Verified.** {by_md}"


def remove_field(name_md: str) -> str:
    """What the button beside an additional field does."""
    return f"Don't send {name_md}"


def imported_works(instant: datetime) -> str:
    """The imported account answered a call; `moment` is UTC."""
    return f"**Verified by a call**: it reached Box at {instant:%H:%M:%S} UTC."
