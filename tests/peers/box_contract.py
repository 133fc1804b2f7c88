"""Judges answers of Box's API by Box's own OpenAPI document (tests/data/box-openapi.json).

`Contract.problems` says what is wrong with one answer. The document is read as Box means it: a
`nullable` anywhere in an `allOf` allows null, and `oneOf` of overlapping objects means any of
them. What real answers do against the document is excused by name in DEVIATIONS, nothing else is.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = Path(__file__).resolve().parent.parent / "data" / "box-openapi.json"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
FORMATS = FormatChecker(formats=())
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or RFC3339.fullmatch(value) is not None


@FORMATS.checks("email")
def _is_email(value: object) -> bool:
    return not isinstance(value, str) or EMAIL.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Deviation:
    """A way in which real answers of Box differ from the document, and who saw it."""

    name: str
    source: str
    excuses: Callable[[str, ValidationError], bool]


def _path(error: ValidationError) -> str:
    return "/".join(str(part) for part in error.absolute_path)


DEVIATIONS = (
    Deviation(
        "a link has access, not accessed",
        "OAS: `required` of shared_link says `accessed`, its properties and every sample `access`",
        lambda _op, e: e.validator == "required" and "'accessed' is a required" in e.message,
    ),
    Deviation(
        "tags may be an empty list",
        "box-python-sdk, test fixtures of files and folders: items without tags",
        lambda _op, e: e.validator == "minItems" and _path(e).endswith("tags"),
    ),
    Deviation(
        "objects without a value are null",
        "developer.box.com, samples of files, folders, users and recent items: shared_link, "
        "interaction_shared_link, external_app_user_id and group provenance are null",
        lambda _op, e: (
            e.instance is None
            and _path(e).rpartition("/")[2]
            in (
                "shared_link",
                "interaction_shared_link",
                "external_app_user_id",
                "provenance",
                "external_sync_identifier",
                "accessible_via_shared_link",
            )
        ),
    ),
    Deviation(
        "an external user's other fields are null",
        "OAS, GET /users/{user_id}: disallowed fields return null instead",
        lambda op, e: e.instance is None and op == "GET /users/{user_id}",
    ),
    Deviation(
        "the admin streams leave parts out",
        "github.com/box/box-openapi issue 146, box-java-sdk issues 189, 389, 413: created_by, "
        "source, session_id, additional_details and parts of them are null",
        lambda op, e: op == "GET /events" and e.instance is None,
    ),
    Deviation(
        "sources of the admin streams have shapes of their own",
        "box-windows-sdk-v2 issues 345, 418, 504; box-typescript-sdk-gen issue 56: no type, "
        "web links, groups, collaborations, anonymous users without login",
        lambda op, e: (
            op == "GET /events"
            and re.match(r"entries/\d+/(source|created_by|action_by|accessible_by)", _path(e))
            is not None
        ),
    ),
    Deviation(
        "event types beyond the enum",
        "developer.box.com, event triggers: the list of types is not exhaustive",
        lambda op, e: (
            op == "GET /events" and e.validator == "enum" and _path(e).endswith("event_type")
        ),
    ),
    Deviation(
        "error codes beyond the enum",
        "developer.box.com, common errors: codes such as trashed, invalid_limit, "
        "invalid_parameter, missing_parameter",
        lambda _op, e: e.validator == "enum" and _path(e) == "code",
    ),
    Deviation(
        "trigger names of the guide",
        "developer.box.com, webhook triggers: three signature triggers are spelled differently",
        lambda op, e: "/webhooks" in op and e.validator == "enum" and "triggers" in _path(e),
    ),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an answer that the document does not allow."""

    operation: str
    status: int
    where: str
    message: str


class Contract:
    """The document, ready to judge. `excused` collects the names of deviations that were met."""

    def __init__(self) -> None:
        document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
        self._paths: Mapping[str, Any] = document["paths"]
        schemas = {"components": {"schemas": _meant(document["components"]["schemas"])}}
        resource = Resource.from_contents(schemas, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("box:", resource)
        self.excused: set[str] = set()

    def operation(self, method: str, path: str) -> str | None:
        """The operation, as `GET /users/{user_id}`, that a method and a path below /2.0 are."""
        candidates = [
            template
            for template, methods in self._paths.items()
            if method.lower() in methods and _pattern(template).fullmatch(path)
        ]
        if not candidates:
            return None
        return f"{method} {min(candidates, key=lambda template: template.count('{'))}"

    def problems(
        self, operation: str, status: int, content_type: str, body: bytes
    ) -> list[Problem]:
        """What the document does not allow in this answer, deviations left out."""
        method, _, template = operation.partition(" ")
        responses = self._paths[template][method.lower()]["responses"]
        said = responses.get(str(status)) or (responses.get("default") if status >= 400 else None)
        if said is None:
            return [Problem(operation, status, "", "the document has no such status")]
        schema = said.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or (not body and status in (401, 403)):
            # empty 401 and 403: box-node-sdk issue 157, boxr issue 20
            extra = "" if not body else "the document has no body here"
            return [Problem(operation, status, "", extra)] if extra else []
        if not content_type.startswith("application/json"):
            return [Problem(operation, status, "", f"content type {content_type!r}")]
        return list(self._judged(operation, status, schema, json.loads(body)))

    def _judged(self, operation: str, status: int, schema: Any, body: Any) -> Iterator[Problem]:
        validator = Draft202012Validator(
            _meant(schema), registry=self._registry, format_checker=FORMATS
        )
        for error in _leaves(operation, validator.iter_errors(body)):
            excuse = _excuse(operation, error)
            if excuse is None:
                yield Problem(operation, status, _path(error), error.message[:300])
            else:
                self.excused.add(excuse.name)


def _excuse(operation: str, error: ValidationError) -> Deviation | None:
    return next((one for one in DEVIATIONS if one.excuses(operation, error)), None)


def _leaves(operation: str, errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The innermost reasons: of a choice, those of the branch with the least to object."""
    for error in errors:
        if _excuse(operation, error) is None and error.validator == "anyOf" and error.context:
            branches: dict[Any, list[ValidationError]] = {}
            for inner in error.context:
                branches.setdefault(inner.schema_path[0], []).append(inner)
            yield from min(
                (list(_leaves(operation, branch)) for branch in branches.values()),
                key=lambda found: (
                    sum(_excuse(operation, one) is None for one in found),
                    any(one.validator == "type" and not one.path for one in found),
                    len(found),
                ),
            )
        else:
            yield error


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))


def _meant(schema: Any) -> Any:
    """The schema in JSON Schema's own words."""
    if isinstance(schema, list):
        return [_meant(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if set(schema) == {"$ref"}:
        return {"$ref": f"box:{schema['$ref']}"}
    meant = {key: _meant(value) for key, value in schema.items() if key != "nullable"}
    if isinstance(meant.get("oneOf"), list):
        meant["anyOf"] = meant.pop("oneOf")
    if not _nullable(schema):
        return meant
    return {"anyOf": [meant, {"type": "null"}]}


def _nullable(schema: Mapping[str, Any]) -> bool:
    """Whether null is allowed. `type` tells a schema from a map that has a name `nullable`."""
    if schema.get("nullable") is True:
        return True
    parts = schema.get("allOf")
    return isinstance(parts, list) and any(part.get("nullable") is True for part in parts)
