"""Kloudless's errors: the table of codes, the error body, and the exception our handlers raise.

The body repeats the status, carries the code, a text and a request id. Facts: the error table of
the published Ruby client and the bodies seen by the file picker (Kloudless contract, 2.5 and 2.6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from starlette.responses import Response

from lib.sandbox import wire


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One row of the error table: the HTTP status that goes with a code and what it means."""

    status: int
    meaning: str


TABLE: Mapping[str, ErrorRow] = MappingProxyType(
    {
        "bad_request": ErrorRow(400, "The request is malformed."),
        "request_failed": ErrorRow(400, "The request failed."),
        "invalid_parent_folder": ErrorRow(400, "The parent folder's id is invalid."),
        "invalid_parameters": ErrorRow(400, "A parameter is invalid."),
        "invalid_resource_type": ErrorRow(400, "The resource has the wrong type."),
        "unauthorized": ErrorRow(401, "The Kloudless credential is invalid."),
        "service_unauthorized": ErrorRow(401, "The upstream credential is invalid: reconnect."),
        "authentication_required": ErrorRow(401, "The authorization parameter is missing."),
        "invalid_token": ErrorRow(401, "The request token is invalid."),
        "folder_not_empty": ErrorRow(403, "The folder isn't empty."),
        "permission_denied": ErrorRow(403, "No access to the resource."),
        "forbidden": ErrorRow(403, "The request is refused."),
        "service_forbidden": ErrorRow(403, "The upstream service refuses the request."),
        "not_found": ErrorRow(404, "There is no such resource."),
        "method_not_allowed": ErrorRow(405, "The method isn't supported here."),
        "not_acceptable": ErrorRow(406, "The data can't be given in an acceptable form."),
        "naming_conflict": ErrorRow(409, "A resource of that name exists."),
        "too_many_requests": ErrorRow(429, "Kloudless's request limit is reached."),
        "too_many_service_requests": ErrorRow(429, "The upstream service's limit is reached."),
        "internal_error": ErrorRow(500, "Kloudless failed."),
        "link_error": ErrorRow(500, "The link could not be made."),
        "unsupported_media_type": ErrorRow(500, "Kloudless sent an unsupported media type."),
        "not_implemented": ErrorRow(501, "Not available for this service."),
        "bad_gateway": ErrorRow(502, "The upstream service gave an invalid answer."),
        "service_not_available": ErrorRow(503, "The upstream service is down."),
        "gateway_timeout": ErrorRow(504, "The upstream service did not answer in time."),
        "insufficient_storage": ErrorRow(507, "The upstream quota is full."),
    }
)


class KloudlessError(Exception):
    """An answer that isn't a success. `status` differs from the table's only where seen to."""

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        status: int | None = None,
        retry_after: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        row = TABLE[code]
        super().__init__(message or row.meaning)
        self.code = code
        self.message = message or row.meaning
        self.status = status or row.status
        self.retry_after = retry_after
        self.extra = dict(extra or {})

    def response(self) -> Response:
        """The JSON error body with its status, and Retry-After where it is known."""
        body = {
            "status_code": self.status,
            "message": self.message,
            "error_code": self.code,
            "id": str(uuid4()),
            **self.extra,
        }
        answer = wire.Json(body, self.status)
        if self.retry_after is not None:
            answer.headers["retry-after"] = str(self.retry_after)
        return answer


def invalid(message: str) -> KloudlessError:
    """The refusal of a parameter."""
    return KloudlessError("invalid_parameters", message)
