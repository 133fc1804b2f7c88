"""A sign-in that comes back: once, in time, in its browser, for the session that holds it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.app.routes.oauth_callback import CallbackRefusal, Returned, connected_address
from lib.app.routes.oauth_state import LIFETIME_S, Consents, Landing, SignIn, SignInStage
from lib.core.causes import Api
from lib.core.errors import RunbookError, Who
from lib.core.redaction import Secret

MINE, THEIRS = "a" * 32, "b" * 32
CODE = "code-9f3b1c77"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a piece of work returns."""

    headline: str = "Signed in"
    secret: str = ""


@dataclass(slots=True)
class Work:
    """Counts how often a code was used."""

    codes: list[str] = field(default_factory=list)

    def __call__(self, code: Secret) -> Outcome:
        self.codes.append(code.reveal())
        return Outcome(secret="refresh-token-of-theirs")


@dataclass(slots=True)
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def consents(clock: Clock) -> Consents:
    return Consents(clock)


@pytest.fixture
def work() -> Work:
    return Work()


def begin(consents: Consents, work: Callable[[Secret], Outcome]) -> SignIn[Outcome]:
    return consents.begin(Api.BOX_CONSENT, work, browser=MINE)


def back(sign_in: SignIn[Outcome], code: str = CODE) -> Returned:
    return Returned(sign_in.state, Secret(code))


def test_what_came_back_reaches_the_session_that_holds_it(consents: Consents, work: Work) -> None:
    sign_in = begin(consents, work)
    assert sign_in.stage is SignInStage.OPEN
    assert consents.land(back(sign_in), browser=MINE) == Landing("Signed in")
    assert work.codes == [CODE]
    assert sign_in.over
    assert sign_in.result == Outcome(secret="refresh-token-of-theirs")


def test_a_state_has_at_least_128_random_bits_and_is_never_the_same(
    consents: Consents, work: Work
) -> None:
    existing = [begin(consents, work) for _ in range(200)]
    states = {one.state.reveal() for one in existing}
    assert len(states) == len(existing)
    assert min(map(len, states)) >= 22  # of 6 bits each


def test_a_state_works_once(consents: Consents, work: Work) -> None:
    sign_in = begin(consents, work)
    consents.land(back(sign_in), browser=MINE)
    assert consents.land(back(sign_in, "another"), browser=MINE).refusal is CallbackRefusal.USED
    assert consents.paste(back(sign_in, "another"), sign_in).refusal is CallbackRefusal.USED
    assert work.codes == [CODE]


def test_an_unknown_state_is_refused(consents: Consents, work: Work) -> None:
    sign_in = begin(consents, work)
    for state in ("", "x", sign_in.state.reveal()[:-1], sign_in.state.reveal() + "x", "\udc80"):
        found = consents.land(Returned(Secret(state), Secret(CODE)), browser=MINE)
        assert found.refusal is CallbackRefusal.UNKNOWN
    assert work.codes == []
    assert not sign_in.over


def test_after_ten_minutes_it_is_refused_and_who_waits_learns_it(
    consents: Consents, work: Work, clock: Clock
) -> None:
    sign_in = begin(consents, work)
    clock.now += LIFETIME_S
    assert consents.left_s(sign_in) == 0
    assert consents.land(back(sign_in), browser=MINE).refusal is CallbackRefusal.EXPIRED
    assert work.codes == []
    assert sign_in.error is not None
    assert "ten minutes" in sign_in.error.message
    assert consents.land(back(sign_in), browser=MINE).refusal is CallbackRefusal.USED


def test_the_ten_minutes_count_from_when_its_link_is_followed(
    consents: Consents, work: Work, clock: Clock
) -> None:
    sign_in = begin(consents, work)
    clock.now += LIFETIME_S * 3  # the page lay open meanwhile
    consents.start(sign_in)
    clock.now += LIFETIME_S - 1
    assert consents.left_s(sign_in) == 1
    assert consents.land(back(sign_in), browser=MINE).refusal is None
    consents.start(sign_in)
    assert consents.land(back(sign_in), browser=MINE).refusal is CallbackRefusal.USED


def test_another_browser_is_refused_and_ends_the_sign_in(consents: Consents, work: Work) -> None:
    sign_in = begin(consents, work)
    assert consents.land(back(sign_in), browser=THEIRS).refusal is CallbackRefusal.OTHER_BROWSER
    assert sign_in.stage is SignInStage.FAILED
    assert sign_in.error is not None
    assert "another browser" in sign_in.error.message
    assert consents.land(back(sign_in), browser=MINE).refusal is CallbackRefusal.USED
    assert work.codes == []


def test_without_a_cookie_nothing_is_done_and_the_address_can_still_be_pasted(
    consents: Consents, work: Work
) -> None:
    sign_in = begin(consents, work)
    assert consents.land(back(sign_in), browser="").refusal is CallbackRefusal.NO_BROWSER
    assert work.codes == []
    assert consents.paste(back(sign_in), sign_in) == Landing("Signed in")


def test_one_that_began_without_a_cookie_is_not_open_to_any_browser(
    consents: Consents, work: Work
) -> None:
    sign_in = consents.begin(Api.BOX_CONSENT, work, browser="")
    for browser in ("", MINE):
        assert consents.land(back(sign_in), browser=browser).refusal is CallbackRefusal.NO_BROWSER
    assert work.codes == []


def test_an_address_of_another_session_can_not_be_pasted(consents: Consents, work: Work) -> None:
    mine, theirs = begin(consents, work), begin(consents, work)
    assert consents.paste(back(theirs), mine).refusal is CallbackRefusal.UNKNOWN
    assert work.codes == []
    assert consents.land(back(theirs), browser=MINE).refusal is None


def test_it_ends_with_the_session_that_holds_it(consents: Consents, work: Work) -> None:
    sign_in = begin(consents, work)
    returned = back(sign_in)
    del sign_in
    assert consents.land(returned, browser=MINE).refusal is CallbackRefusal.GONE
    assert work.codes == []


def test_one_that_is_late_and_gone_is_called_late(
    consents: Consents, work: Work, clock: Clock
) -> None:
    returned = back(begin(consents, work))
    clock.now += LIFETIME_S
    assert consents.land(returned, browser=MINE).refusal is CallbackRefusal.EXPIRED


def test_one_that_was_given_up_is_refused(consents: Consents, work: Work) -> None:
    sign_in = begin(consents, work)
    consents.withdraw(sign_in)
    assert consents.left_s(sign_in) == 0
    assert consents.land(back(sign_in), browser=MINE).refusal is CallbackRefusal.USED
    assert work.codes == []


def test_a_no_is_explained_and_no_code_is_used(consents: Consents, work: Work) -> None:
    sign_in = begin(consents, work)
    returned = Returned(sign_in.state, None, "access_denied", "The user denied access")
    landing = consents.land(returned, browser=MINE)
    assert landing.refusal is None
    assert landing.error is not None
    assert landing.error is sign_in.error
    assert landing.error.cause_id == "oauth.access_denied"
    assert "The user denied access" in landing.error.cause
    assert work.codes == []


def test_a_no_that_nobody_knows_is_shown_as_it_came(consents: Consents, work: Work) -> None:
    sign_in = consents.begin(Api.KLOUDLESS_CONSENT, work, browser=MINE)
    landing = consents.land(
        Returned(sign_in.state, None, "server_error", "Out of tea"), browser=MINE
    )
    assert landing.error is not None
    assert landing.error.cause_id == "unknown"
    assert "server_error: Out of tea" in landing.error.cause


def test_a_failure_reaches_both_tabs(consents: Consents) -> None:
    problem = RunbookError("No.", cause="c", fix="f", who=Who.YOU)

    def refuse(_code: Secret) -> Outcome:
        raise problem

    sign_in = begin(consents, refuse)
    assert consents.land(back(sign_in), browser=MINE).error is problem
    assert sign_in.error is problem


def test_a_fault_of_ours_ends_the_waiting_too(consents: Consents) -> None:
    def break_(_code: Secret) -> Outcome:
        raise ZeroDivisionError

    sign_in = begin(consents, break_)
    with pytest.raises(ZeroDivisionError):
        consents.land(back(sign_in), browser=MINE)
    assert sign_in.stage is SignInStage.FAILED
    assert sign_in.error is not None
    assert sign_in.error.who is Who.THIS_APP


def test_what_the_coming_tab_is_reported_holds_nothing_of_the_gain(
    consents: Consents, work: Work
) -> None:
    sign_in = begin(consents, work)
    landing = consents.land(back(sign_in), browser=MINE)
    assert "refresh-token-of-theirs" not in repr(landing)


def test_no_repr_and_no_error_holds_a_state_or_a_code(consents: Consents, work: Work) -> None:
    sign_in = begin(consents, work)
    texts = [repr(back(sign_in)), repr(sign_in.state), repr(vars(sign_in)), repr(vars(consents))]
    for refusal in (
        consents.land(back(sign_in), browser=THEIRS),
        consents.land(back(sign_in), browser=MINE),
    ):
        assert refusal.error is not None
        texts += [repr(refusal), str(refusal.error), str(refusal.error.as_dict())]
    assert all(CODE not in text and sign_in.state.reveal() not in text for text in texts)


def test_the_table_is_bounded_and_says_so_instead_of_losing_one(clock: Clock, work: Work) -> None:
    consents = Consents(clock, limit=5)
    existing = [begin(consents, work) for _ in range(5)]
    with pytest.raises(RunbookError, match="Too many"):
        begin(consents, work)
    assert consents.land(back(existing[0]), browser=MINE).refusal is None
    sixth = begin(consents, work)  # in the place of the one that is over
    assert len(consents) == 5
    assert consents.land(back(sixth), browser=MINE).refusal is None


def test_sessions_that_are_gone_make_room(clock: Clock, work: Work) -> None:
    consents = Consents(clock, limit=5)
    for _ in range(50):
        begin(consents, work)
    assert len(consents) <= 5


def test_what_is_over_is_forgotten_after_a_while(
    consents: Consents, work: Work, clock: Clock
) -> None:
    sign_in = begin(consents, work)
    consents.land(back(sign_in), browser=MINE)
    clock.now += 2 * LIFETIME_S
    kept = begin(consents, work)
    assert len(consents) == 1
    assert consents.land(back(sign_in), browser=MINE).refusal is CallbackRefusal.UNKNOWN
    assert consents.left_s(kept) == LIFETIME_S


def test_of_many_tabs_at_once_one_uses_the_code(consents: Consents) -> None:
    together = threading.Barrier(16)
    used: list[str] = []

    def work(code: Secret) -> Outcome:
        used.append(code.reveal())
        return Outcome()

    def land(number: int) -> Landing:
        together.wait(30)
        return consents.land(back(sign_in, f"code {number}"), browser=MINE)

    for _ in range(20):
        sign_in = begin(consents, work)
        with ThreadPoolExecutor(16) as pool:
            landings = list(pool.map(land, range(16)))
        assert [one.refusal for one in landings].count(None) == 1
        assert len(used) == 1
        used.clear()


def test_beginning_and_landing_at_once_mixes_nothing_up(consents: Consents) -> None:
    def run(number: int) -> bool:
        work = Work()
        sign_in = begin(consents, work)
        consents.land(back(sign_in, str(number)), browser=MINE)
        return work.codes == [str(number)] and sign_in.stage is SignInStage.DONE

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(run, range(400)))


# -- addresses ---------------------------------------------------------------------------------


def test_code_and_state_are_taken_out_of_an_address() -> None:
    found = Returned.of_address(" http://localhost:8501/connected?code=abc&state=s1&profile=x ")
    assert found == Returned(Secret("s1"), Secret("abc"))


def test_an_error_counts_before_a_code() -> None:
    found = Returned.of_address("https://a/?error=access_denied&error_description=No+way&code=abc")
    assert found == Returned(Secret(""), None, "access_denied", "No way")


@pytest.mark.parametrize(
    "text", ["", "nonsense", "https://a.example/back?state=s1", "http://[::1", "https://a/?code="]
)
def test_an_address_that_comes_from_no_consent_page_is_none(text: str) -> None:
    assert Returned.of_address(text) is None


def test_a_code_or_state_of_absurd_length_is_none_at_all() -> None:
    long = "x" * 5000
    found = Returned.of({"code": long, "state": "s"})
    assert found is not None
    assert found.code is None
    found = Returned.of({"code": "c", "state": long})
    assert found is not None
    assert not found.state


@given(st.text(max_size=300))
def test_no_text_in_place_of_an_address_breaks_anything(text: str) -> None:
    Returned.of_address(text)
    Returned.of_address(f"https://a/?{text}")
    address = connected_address(text, "credentials")
    assert address == "" or address.endswith("/connected")


@pytest.mark.parametrize(
    "url, page, expected",
    [
        ("http://localhost:8501/credentials", "credentials", "http://localhost:8501/connected"),
        ("http://127.0.0.1:39999/accounts/", "accounts", "http://127.0.0.1:39999/connected"),
        ("https://box.example/tools/accounts", "accounts", "https://box.example/tools/connected"),
        (
            "https://box.example/accounts/accounts",
            "accounts",
            "https://box.example/accounts/connected",
        ),
        ("https://[::1]:8501/accounts", "accounts", "https://[::1]:8501/connected"),
        ("https://box.example/", "accounts", "https://box.example/connected"),
        ("https://x:y@box.example/accounts", "accounts", ""),
        ("javascript:alert(1)", "accounts", ""),
        ("http://[::1", "accounts", ""),
        (None, "accounts", ""),
    ],
)
def test_the_address_to_come_back_to_is_the_one_the_browser_uses(
    url: str | None, page: str, expected: str
) -> None:
    assert connected_address(url, page) == expected
