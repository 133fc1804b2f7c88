"""Box's official SDK drives every operation of the sandbox's Box that it has a call for."""

import re
from collections.abc import Callable, Iterator

import pytest
from box_sdk_gen import BoxAPIError

from lib.sandbox import box
from lib.sandbox.app import create_state, utc_now
from lib.sandbox.world import World, WorldSpec
from tests.integration.sandbox.box_calls import open_box
from tests.peers.box_contract import Contract
from tests.peers.operations import DRIVEN, NOT_OFFERED, Sdk
from tests.sandbox_server import SandboxServer


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


@pytest.fixture
def sdk(sandbox: SandboxServer) -> Iterator[Sdk]:
    bare = open_box(sandbox.url)
    bare.http.close()
    sdk = Sdk(sandbox.url, bare.credentials, bare.apps)
    yield sdk
    sdk.http.close()


def served() -> set[str]:
    state = create_state(World(WorldSpec(days=1), utc_now))
    found = set()
    for route in box.routes(state):
        methods = getattr(route, "operations", None) or (route.methods or set()) - {"HEAD"}
        found |= {f"{method} {route.path}" for method in methods}
    return found


def test_every_operation_of_the_sandbox_has_a_witness_or_a_reason() -> None:
    assert served() == DRIVEN.keys() | NOT_OFFERED.keys()
    assert not DRIVEN.keys() & NOT_OFFERED.keys()


@pytest.mark.parametrize("operation,drive", DRIVEN.items(), ids=list(DRIVEN))
def test_the_sdk_drives(
    sdk: Sdk, contract: Contract, operation: str, drive: Callable[[Sdk], None]
) -> None:
    drive(sdk)
    method, _, template = operation.partition(" ")
    pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", template))
    assert any(one.method == method and pattern.fullmatch(one.path) for one in sdk.seen)
    assert all(one.request_id for one in sdk.seen)
    problems = []
    for one in sdk.seen:
        named = contract.operation(one.method, one.path.removeprefix("/2.0"))
        if named is not None:
            problems += contract.problems(named, one.status, one.content_type, one.body)
    assert problems == []


@pytest.mark.parametrize(
    "app,status",
    [("unauthorized", 400), ("disabled", 400)],
)
def test_the_sdk_says_why_it_gets_no_token(sdk: Sdk, app: str, status: int) -> None:
    with pytest.raises(BoxAPIError) as caught:
        sdk.service(app).users.get_user_me()
    assert caught.value.response_info.status_code == status


def test_the_sdk_meets_a_missing_scope_as_a_bare_403(sdk: Sdk) -> None:
    with pytest.raises(BoxAPIError) as caught:
        sdk.service("files-only").users.get_users()
    answer = caught.value.response_info
    assert (answer.status_code, answer.raw_body) == (403, "")


def test_the_sdk_acts_for_a_user_with_the_as_user_header(sdk: Sdk) -> None:
    managed = sdk.credentials["users"]["managed"]
    client = sdk.service().with_as_user_header(managed)
    assert client.users.get_user_me().id == managed
