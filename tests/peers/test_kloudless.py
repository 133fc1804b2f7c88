"""The published `kloudless` package drives the sandbox's Kloudless over real loopback HTTP."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import kloudless
import pytest

from lib.sandbox.kloudless import OPERATIONS
from lib.sandbox.kloudless.door import Operation
from tests.peers.operations_kloudless import DRIVEN, NOT_OFFERED, Witness, witness
from tests.sandbox_server import SandboxServer


@pytest.fixture
def package(sandbox: SandboxServer) -> Iterator[Witness]:
    with witness(sandbox.url, sandbox.credentials()["kloudless"]) as made:
        yield made


def test_every_operation_is_in_the_table_once() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))
    assert sorted(names) == sorted([*DRIVEN, *NOT_OFFERED])
    assert all(NOT_OFFERED.values())


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.name in DRIVEN], ids=lambda o: o.name
)
def test_the_package_drives(
    operation: Operation,
    package: Witness,
    sandbox: SandboxServer,
) -> None:
    pattern = re.compile("/v1" + re.sub(r"\{\w+\}", "[^/]+", operation.path) + "/?")

    start = datetime.now(UTC)
    DRIVEN[operation.name](package)
    served = [
        entry
        for entry in sandbox.get("/sandbox/log")
        if datetime.fromisoformat(entry["at"]) >= start
        and entry["method"] == operation.method
        and entry["status"] < 300
        and pattern.fullmatch(entry["path"])
    ]
    assert served, "the row's function never reached its operation"


def test_pin_package_refuses_a_foreign_token(package: Witness) -> None:
    with pytest.raises(kloudless.exceptions.TokenVerificationFailed):
        kloudless.verify_token(package.app_id, package.foreign_token)


def test_pin_package_reads_the_error_table(package: Witness, sandbox: SandboxServer) -> None:
    stranger = kloudless.Client(api_key="nobody")
    with pytest.raises(kloudless.exceptions.ForbiddenException):
        stranger.get("accounts")
    stranger.close()
    with (
        sandbox.fault("kloudless_rate_limit", retry_after=7),
        pytest.raises(kloudless.exceptions.RateLimitException) as limited,
    ):
        package.by_key().get("accounts")
    assert limited.value.retry_after == 7
    with (
        sandbox.fault("upstream_expired"),
        pytest.raises(kloudless.exceptions.AuthorizationException) as expired,
    ):
        package.admin().get("events")
    assert expired.value.error_data["error_code"] == "service_unauthorized"
    with (
        sandbox.fault("kloudless_5xx", status=503),
        pytest.raises(kloudless.exceptions.ServerException),
    ):
        package.by_key().get("accounts")
