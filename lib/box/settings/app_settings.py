"""Check the app settings JSON of a Box app, field by field, offline.

The file comes from Box's Developer Console (Configuration, Download as JSON). Every finding names
the field, never its value. Rules that Box doesn't publish (lengths) are not enforced. Sources: Box
developer documentation (JWT with SDKs), the official SDKs' readers, issues of people who met them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from lib.box.credential_problems import Problem, ProblemSeverity, error, has_error, warning
from lib.box.keys.key_contents import KeyFormat
from lib.box.keys.reading import find
from lib.box.settings.settings_fields import (
    DOWNLOAD_AGAIN,
    Field,
    FieldReader,
    State,
    spelled,
    spelling,
)
from lib.box.settings.settings_text import MAX_BYTES, read_object
from lib.core.redaction import Secret
from lib.settings.profiles import BoxAuth, BoxCredentials

__all__ = ["MAX_BYTES", "Field", "SettingsReport", "State", "parse_app_settings"]
_ID: Final = re.compile(r"[0-9]{1,20}")
_FILE_NAME: Final = re.compile(r"([0-9]+)_([A-Za-z0-9]*)_config")


@dataclass(frozen=True, slots=True)
class SettingsReport:
    """The verdict on a settings file.

    `credentials` holds what could be read, also when something is missing; None if it isn't a
    settings file. `ok` = no error: the file is enough for a JWT app.
    """

    ok: bool
    credentials: BoxCredentials | None
    problems: tuple[Problem, ...]
    fields: tuple[Field, ...] = ()


def parse_app_settings(text: str | bytes, filename: str | None = None) -> SettingsReport:
    """Check a settings file. Never raises for any text."""
    tree, problems = read_object(text)
    if tree is None:
        return _report(None, problems, [])
    app, root = _unwrap(tree, problems)
    if app is None:
        problems.append(_foreign(tree))
        return _report(None, problems, [])
    reader = FieldReader(problems)
    credentials = _credentials(reader, app, root)
    if filename:
        problems.extend(_judge_name(filename, credentials))
    return _report(credentials, problems, reader.fields)


def _report(
    credentials: BoxCredentials | None, problems: list[Problem], fields: list[Field]
) -> SettingsReport:
    problems.sort(key=lambda problem: problem.severity is ProblemSeverity.WARNING)
    return SettingsReport(not has_error(problems), credentials, tuple(problems), tuple(fields))


def _unwrap(
    tree: dict[str, Any], problems: list[Problem]
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
    """The app's part and the whole; the part alone, and names in another case, are accepted too."""
    app = tree.get("boxAppSettings")
    if isinstance(app, dict):
        return app, tree
    for name, value in tree.items():
        if name.lower().replace("_", "") == "boxappsettings" and isinstance(value, dict):
            problems.append(spelling("boxAppSettings"))
            return value, tree
    looks_inner = any(spelled(tree, name) for name in ("clientID", "clientSecret", "appAuth"))
    if looks_inner and not _is_foreign(tree):
        problems.append(
            warning(
                "inner_part",
                "The file contains only the inner part, without boxAppSettings around it.",
                "It was read anyway. Paste the whole file: the enterprise ID is outside that part.",
            )
        )
        return tree, tree
    return None, tree


def _credentials(
    reader: FieldReader, app: Mapping[str, Any], root: Mapping[str, Any]
) -> BoxCredentials:
    client_id = reader.text(app, "clientID", "boxAppSettings.clientID")
    client_secret = reader.text(app, "clientSecret", "boxAppSettings.clientSecret")
    if client_id and client_id == client_secret:
        reader.mark("boxAppSettings.clientSecret", "the same as clientID")
        reader.problems.append(
            error(
                "secret_is_client_id",
                "boxAppSettings.clientSecret is the same as clientID.",
                "Copy the client secret from the Developer Console: it is below the client ID.",
            )
        )
    key_id, private_key, passphrase = _app_auth(reader, app)
    enterprise_id = _enterprise(reader, root)
    user_id = reader.text(root, "userID", "userID", needed=False)
    if user_id and not _ID.fullmatch(user_id):
        reader.mark("userID", "not a decimal number")
        reader.problems.append(_not_an_id("userID", "Leave it out, or use the user's ID."))
    webhooks = _table(root, "webhooks")
    return BoxCredentials(
        auth=BoxAuth.JWT,
        client_id=client_id,
        client_secret=_secret(client_secret),
        public_key_id=key_id,
        private_key=_secret(private_key),
        passphrase=_secret(passphrase),
        enterprise_id=enterprise_id,
        user_id=user_id,
        webhook_primary_key=_secret(
            reader.text(webhooks, "primaryKey", "webhooks.primaryKey", needed=False)
        ),
        webhook_secondary_key=_secret(
            reader.text(webhooks, "secondaryKey", "webhooks.secondaryKey", needed=False)
        ),
    )


_AUTH_FIELDS: Final = ("publicKeyID", "privateKey", "passphrase")
_AUTH: Final = "boxAppSettings.appAuth"


def _app_auth(reader: FieldReader, app: Mapping[str, Any]) -> tuple[str, str, str]:
    auth = _table(app, "appAuth")
    if not auth:
        there = spelled(app, "appAuth") is not None
        state = State.EMPTY if there else State.MISSING
        reader.fields.extend(Field(f"{_AUTH}.{name}", state) for name in _AUTH_FIELDS)
        reader.problems.append(
            error(
                "app_auth_missing",
                f"{_AUTH} is {'empty' if there else 'missing'}: the file contains no "
                "key pair. The app may use OAuth 2.0 or client credentials instead of "
                "JWT.",
                "For JWT, generate a key pair in the Developer Console (Box then "
                "provides a new file), or add your own key and its public key ID on "
                "the JWT key page.",
            )
        )
        return "", "", ""
    if all(isinstance(auth.get(name, ""), str) and not auth.get(name) for name in _AUTH_FIELDS):
        reader.fields.extend(Field(f"{_AUTH}.{name}", State.EMPTY) for name in _AUTH_FIELDS)
        reader.problems.append(
            error(
                "app_auth_empty",
                f"The three fields of {_AUTH} are empty: Box generated no key pair for this file.",
                "Use your own: choose its private key and passphrase, and enter the "
                "public key ID that the Developer Console shows. Or let the console "
                "generate a key pair.",
            )
        )
        return "", "", ""
    key_id = reader.text(auth, "publicKeyID", f"{_AUTH}.publicKeyID")
    private_key = reader.text(auth, "privateKey", f"{_AUTH}.privateKey")
    passphrase = auth.get("passphrase")
    if isinstance(passphrase, str) and passphrase:
        reader.fields.append(Field(f"{_AUTH}.passphrase", State.OK))  # spaces may belong to it
    else:
        passphrase = reader.text(auth, "passphrase", f"{_AUTH}.passphrase", needed=False)
    _judge_key(reader, private_key, passphrase)
    return key_id, private_key, passphrase


def _judge_key(reader: FieldReader, private_key: str, passphrase: str) -> None:
    if not private_key:
        return
    secret = passphrase.encode("utf-8", "surrogatepass") or None
    found = find(private_key.encode("utf-8", "surrogatepass"), secret)
    for problem in found.problems:
        about = "passphrase" if problem.code.startswith("passphrase") else "privateKey"
        if problem.severity is ProblemSeverity.ERROR:
            reader.mark(f"{_AUTH}.{about}", problem.message)
        reader.problems.append(
            Problem(
                problem.code,
                problem.severity,
                f"{_AUTH}.{about}: {problem.message}",
                problem.fix,
            )
        )
    if found.format is KeyFormat.PUBLIC:
        reader.mark(f"{_AUTH}.privateKey", "a public key")


def _enterprise(reader: FieldReader, root: Mapping[str, Any]) -> str:
    enterprise_id = reader.text(root, "enterpriseID", "enterpriseID")
    if not enterprise_id:
        return ""
    if not enterprise_id.strip("0"):
        reader.mark("enterpriseID", "0 means no enterprise")
        reader.problems.append(_enterprise_zero())
    elif not _ID.fullmatch(enterprise_id):
        reader.mark("enterpriseID", "not a decimal number")
        fix = (
            "Take the enterprise ID from the Admin Console: Account & Billing, Account Information."
        )
        reader.problems.append(_not_an_id("enterpriseID", fix))
    return enterprise_id


def _enterprise_zero() -> Problem:
    return error(
        "enterprise_zero",
        'The enterprise ID is "0": the app was created in an account without an '
        "enterprise, such as a free one. Box refuses a token for it.",
        "Create the app in an account of the enterprise, or enter the ID of the "
        "enterprise whose admin authorized the app.",
    )


def _not_an_id(path: str, fix: str) -> Problem:
    return error("not_an_id", f"{path} isn't a decimal number, as Box's IDs are.", fix)


def _judge_name(filename: str, credentials: BoxCredentials) -> list[Problem]:
    name = _FILE_NAME.search(PurePath(filename.replace("\\", "/")).name)
    enterprise = credentials.enterprise_id
    if name is None or not enterprise.strip("0"):
        return []
    problems = []
    if not name[1].strip("0"):
        problems.append(
            warning(
                "filename_enterprise_zero",
                "The file name starts with 0_: it was downloaded from an account "
                "without an enterprise, and the enterprise ID was added later.",
                "Check that an admin of that enterprise has authorized this app.",
            )
        )
    elif name[1] != enterprise:
        problems.append(
            warning(
                "filename_mismatch",
                "The file name starts with another enterprise ID than the one in the file.",
                "Check that this is the right file and that nobody changed the ID.",
            )
        )
    if name[2] and credentials.public_key_id and name[2] != credentials.public_key_id:
        problems.append(
            warning(
                "filename_key_mismatch",
                "The file name has another public key ID than the one in the file.",
                "Check that this is the right file and that nobody changed the key ID.",
            )
        )
    return problems


_FOREIGN: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (frozenset({"private_key_id", "client_email"}), "a Google service account key"),
    (frozenset({"type", "project_id", "private_key"}), "a Google service account key"),
    (frozenset({"installed"}), "a Google OAuth client"),
    (frozenset({"web"}), "a Google OAuth client"),
    (frozenset({"appId", "tenant"}), "a Microsoft Entra (Azure) credential"),
    (frozenset({"tenantId"}), "a Microsoft Entra (Azure) credential"),
    (frozenset({"AccessKeyId"}), "an AWS access key"),
    (frozenset({"aws_access_key_id"}), "an AWS access key"),
    (frozenset({"kty"}), "a key as JSON (JWK)"),
    (frozenset({"access_token"}), "the answer of a token endpoint"),
    (frozenset({"error"}), "an error answer, not a file"),
    (frozenset({"dependencies"}), "a package.json"),
)


def _is_foreign(tree: Mapping[str, Any]) -> bool:
    return any(names <= set(tree) for names, _what in _FOREIGN)


def _foreign(tree: Mapping[str, Any]) -> Problem:
    if "boxAppSettings" in tree:
        return error(
            "wrong_type", "boxAppSettings isn't an object in curly braces.", DOWNLOAD_AGAIN
        )
    if not tree:
        return error("empty", "It is an empty JSON object.", DOWNLOAD_AGAIN)
    what = next((what for names, what in _FOREIGN if names <= set(tree)), None)
    if what:
        return error(
            "foreign",
            f"This looks like {what}, not a Box app settings file.",
            f"Box's file starts with boxAppSettings. {DOWNLOAD_AGAIN}",
        )
    return error(
        "foreign",
        "This JSON has no boxAppSettings, so it isn't a Box app settings file.",
        DOWNLOAD_AGAIN,
    )


def _table(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = spelled(tree, name)
    value = tree[found] if found else None
    return value if isinstance(value, dict) else {}


def _secret(value: str) -> Secret | None:
    return Secret(value) if value else None
