"""Check the app settings JSON of a Box app, field by field, offline.

The file comes from Box's Developer Console (Configuration, Download as JSON). Every finding names
the field, never its value. Rules that Box doesn't publish (lengths) are not enforced. Sources: Box
developer documentation (JWT with SDKs), the official SDKs' readers, issues of people who met them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Final

from lib.box.credential_problems import Problem, ProblemSeverity, error, has_error, warning
from lib.box.keys.reading import KeyFormat, find
from lib.box.settings.settings_text import MAX_BYTES, read_object
from lib.core.redaction import Secret
from lib.settings.profiles import BoxAuth, BoxCredentials

__all__ = ["MAX_BYTES", "Field", "SettingsReport", "State", "parse_app_settings"]

_CONSOLE: Final = "Download the file again in Box's Developer Console: Configuration."
_ID: Final = re.compile(r"[0-9]{1,20}")
_FILE_NAME: Final = re.compile(r"([0-9]+)_([A-Za-z0-9]*)_config")
_LONGEST_PLACEHOLDER: Final = 200
_PLACEHOLDER: Final = re.compile(
    r"<.*>|\[.*\]|\{.*\}|\*{3,}|[xX]{4,}|.*\.{3}.*|(?:your|my|enter|insert|replace|todo)[ _-].*"
    r"|(?:your[ _-]?)?(?:client|enterprise)[ _-]?(?:id|secret)|passphrase|private[ _-]?key"
    r"|secret|example|sample|changeme|none|null|undefined",
    re.IGNORECASE,
)


class State(StrEnum):
    """The state of a field."""

    OK = "ok"
    MISSING = "missing"
    EMPTY = "empty"
    WRONG = "wrong"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the file: its dotted name, its state and a remark (never its value)."""

    name: str
    state: State
    note: str = ""


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
    reader = _Reader(problems)
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
            problems.append(_spelling("boxAppSettings"))
            return value, tree
    looks_inner = any(_named(tree, name) for name in ("clientID", "clientSecret", "appAuth"))
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


def _named(tree: Mapping[str, Any], name: str) -> str | None:
    """The name under which the field stands there, in whatever spelling."""
    if name in tree:
        return name
    plain = name.lower()
    return next((key for key in tree if key.lower().replace("_", "") == plain), None)


class _Reader:
    """Reads fields from an object and notes what it finds."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.fields: list[Field] = []

    def text(self, tree: Mapping[str, Any], name: str, path: str, *, needed: bool = True) -> str:
        """The field's text, trimmed; '' if it is missing or can't be used."""
        found = _named(tree, name)
        if found is None:
            self._note(path, State.MISSING if needed else State.NOT_NEEDED, "not in the file")
            if needed:
                self._error("missing_field", path, "is missing", _CONSOLE)
            return ""
        if found != name:
            self.problems.append(_spelling(path))
        return self._value(tree[found], path, needed=needed)

    def _value(self, value: Any, path: str, *, needed: bool) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            self.problems.append(
                warning(
                    "number_not_text",
                    f"{path} is a number; in Box's file it is a string in quotes.",
                    "It was read as a string. Keep the quotes: some programs change long numbers.",
                )
            )
            value = str(value)
        if value is None:
            value = ""
        if not isinstance(value, str):
            self._wrong(path, "wrong_type", "isn't a string", _CONSOLE)
            return ""
        trimmed = value.strip()
        if not trimmed:
            self._note(path, State.EMPTY if needed else State.NOT_NEEDED, "empty")
            if needed:
                self._error("empty_field", path, "is empty", _CONSOLE)
            return ""
        is_key = trimmed.startswith("-----")
        if trimmed != value and not is_key:
            self.problems.append(
                warning(
                    "spaces",
                    f"{path} has spaces or line breaks at its start or end.",
                    "They were removed.",
                )
            )
        if len(trimmed) <= _LONGEST_PLACEHOLDER and _PLACEHOLDER.fullmatch(trimmed) and not is_key:
            self._wrong(path, "placeholder", "is a placeholder, not a value", _CONSOLE)
            return ""
        self._note(path, State.OK)
        return value if is_key else trimmed

    def _note(self, path: str, state: State, note: str = "") -> None:
        self.fields.append(Field(path, state, note))

    def _error(self, code: str, path: str, what: str, fix: str) -> None:
        self.problems.append(error(code, f"{path} {what}.", fix))

    def _wrong(self, path: str, code: str, what: str, fix: str) -> None:
        self._note(path, State.WRONG, what)
        self._error(code, path, what, fix)

    def mark(self, path: str, note: str) -> None:
        """The field is there but wrong after all."""
        self.fields = [
            Field(path, State.WRONG, note) if field.name == path else field for field in self.fields
        ]


def _credentials(
    reader: _Reader, app: Mapping[str, Any], root: Mapping[str, Any]
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


def _app_auth(reader: _Reader, app: Mapping[str, Any]) -> tuple[str, str, str]:
    auth = _table(app, "appAuth")
    if not auth:
        there = _named(app, "appAuth") is not None
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


def _judge_key(reader: _Reader, private_key: str, passphrase: str) -> None:
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


def _enterprise(reader: _Reader, root: Mapping[str, Any]) -> str:
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


def _spelling(path: str) -> Problem:
    return warning(
        "spelling",
        f"{path} is spelled differently than in Box's file.",
        "It was read anyway; other programs need Box's spelling.",
    )


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
        return error("wrong_type", "boxAppSettings isn't an object in curly braces.", _CONSOLE)
    if not tree:
        return error("empty", "It is an empty JSON object.", _CONSOLE)
    what = next((what for names, what in _FOREIGN if names <= set(tree)), None)
    if what:
        return error(
            "foreign",
            f"This looks like {what}, not a Box app settings file.",
            f"Box's file starts with boxAppSettings. {_CONSOLE}",
        )
    return error(
        "foreign",
        "This JSON has no boxAppSettings, so it isn't a Box app settings file.",
        _CONSOLE,
    )


def _table(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = _named(tree, name)
    value = tree[found] if found else None
    return value if isinstance(value, dict) else {}


def _secret(value: str) -> Secret | None:
    return Secret(value) if value else None
