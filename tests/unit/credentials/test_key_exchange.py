"""The live exchange: every refusal that the sandbox knows comes back with a cause and a fix."""

from collections.abc import Iterator

import pytest

from lib.box.tokens.auth import Subject
from lib.credentials.calls import Line
from lib.credentials.key_exchange import exchange_now, practices, practise, sandbox_faults
from lib.http import Egress, Journal, build_client
from lib.settings.profiles import BoxCredentials, Profile, sandbox_profile
from tests.sandbox_server import SandboxServer


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


@pytest.fixture
def line(profile: Profile, sandbox: SandboxServer) -> Iterator[Line]:
    journal = Journal()
    egress = Egress.for_profile(profile, sandbox_url=sandbox.url)
    with build_client(egress, journal) as http:
        yield Line(http, journal)


def box_of(profile: Profile) -> BoxCredentials:
    assert profile.box is not None
    return profile.box


def test_a_good_exchange_tells_everything_but_the_token(line: Line, profile: Profile) -> None:
    found = exchange_now(line, box_of(profile), Subject.of(box_of(profile)))
    assert found.ok
    assert found.expires_at is not None
    assert found.skew_s is not None
    assert abs(found.skew_s) < 2
    assert len(found.calls) == 1
    assert not hasattr(found, "token")


def test_every_refusal_has_a_known_cause_and_a_fix(
    line: Line, profile: Profile, sandbox: SandboxServer
) -> None:
    box = box_of(profile)
    offered = practices(sandbox_faults(line, sandbox.url))
    assert len(offered) > 20
    for one in offered:
        practise(line, sandbox.url, one.name, box.client_id)
        found = exchange_now(line, box, Subject.of(box))
        sandbox.clear_faults()
        fault = found.fault or found.first_fault
        assert fault is not None, one.name
        assert fault.fix, one.name
        assert fault.cause, one.name
        assert fault.said, one.name
        assert fault.request_ids, one.name
        assert "unknown" not in fault.cause.lower(), one.name


@pytest.mark.parametrize("name, sign", [("clock_fast", 1), ("clock_slow", -1)])
def test_a_wrong_clock_is_measured_and_corrected_once(
    line: Line, profile: Profile, sandbox: SandboxServer, name: str, sign: int
) -> None:
    box = box_of(profile)
    with sandbox.fault(name, offset=120):
        found = exchange_now(line, box, Subject.of(box))
    assert found.ok
    assert found.first_fault is not None
    assert found.skew_s is not None
    assert abs(found.skew_s - sign * 120) < 3


def test_a_practised_refusal_ends_after_one_answer(
    line: Line, profile: Profile, sandbox: SandboxServer
) -> None:
    box = box_of(profile)
    practise(line, sandbox.url, "app_not_authorized", box.client_id)
    assert not exchange_now(line, box, Subject.of(box)).ok
    assert exchange_now(line, box, Subject.of(box)).ok
