"""Box's official SDK drives every operation of the sandbox's Box that it has a call for."""

import re
from collections.abc import Callable, Iterator

import pytest
from box_sdk_gen import BoxAPIError, BoxClient, BoxRetryStrategy, NetworkSession
from box_sdk_gen.managers.webhooks import WebhooksManager

from lib.sandbox import box
from lib.sandbox.app import create_state, utc_now
from lib.sandbox.world import World, WorldSpec
from tests.integration.sandbox.box_calls import open_box
from tests.integration.sandbox.receiver import listening
from tests.peers.box_contract import Contract
from tests.peers.operations import DRIVEN, NOT_OFFERED, Sdk
from tests.sandbox_server import SandboxServer, running_sandbox


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[SandboxServer]:
    """A sandbox of these tests' own: they make events happen, which others count."""
    with running_sandbox() as server:
        yield server


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


def patient(sdk: Sdk) -> BoxClient:
    """A client that tries again as the SDK does by itself."""
    session = sdk.network()
    session = NetworkSession(
        network_client=session.network_client,
        base_urls=session.base_urls,
        retry_strategy=BoxRetryStrategy(retry_base_interval=0),
    )
    return BoxClient(auth=sdk.jwt_auth(), network_session=session)


@pytest.mark.parametrize(
    "fault", ["server_error_500", "server_error_502", "server_error_503", "rate_limit"]
)
def test_the_sdk_gets_over_a_passing_fault(sdk: Sdk, sandbox: SandboxServer, fault: str) -> None:
    client = patient(sdk)
    with sandbox.fault(fault, times=1, path="/2.0"):
        assert client.users.get_user_me().id
    statuses = [one.status for one in sdk.seen if one.path == "/2.0/users/me"]
    assert statuses == [{"rate_limit": 429}.get(fault) or int(fault[-3:]), 200]


def test_the_sdk_takes_a_new_token_after_a_401(sdk: Sdk, sandbox: SandboxServer) -> None:
    client = patient(sdk)
    with sandbox.fault("token_rejected", times=1):
        assert client.users.get_user_me().id
    assert [one.path for one in sdk.seen] == [
        "/oauth2/token",
        "/2.0/users/me",
        "/oauth2/token",
        "/2.0/users/me",
    ]


@pytest.mark.parametrize(
    "signature,expected",
    [("good", True), ("wrong", False), ("swapped", False), ("old", False), ("future", False)],
)
def test_the_sdk_judges_deliveries(
    sandbox: SandboxServer, signature: str, *, expected: bool
) -> None:
    keys = sandbox.credentials()["box"]["webhook_keys"]
    with listening() as receiver:
        target = {"kind": "box", "url": receiver.url}
        sandbox.post("/sandbox/emit", {"count": 3, "deliver": [target], "signature": signature})
    assert len(receiver.got) == 3
    for got in receiver.got:
        verdict = WebhooksManager.validate_message(
            got.body.decode(), got.headers, keys["primary"], secondary_key=keys["secondary"]
        )
        assert verdict is expected
