"""The Runbook page over the real sandbox and a real ledger, without a browser."""

import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import current, stop_background
from lib.runbook.goals import Goal, Road
from lib.runbook.roads.roads import Step, steps_for
from lib.runbook.runs import run_file
from lib.runbook.runs.runs import Run, StepState, fitted
from lib.settings.profiles import Profile
from lib.store import Ledger
from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials.credentials_app import MAIN, page_app, texts

__all__ = ["page_app"]


@pytest.fixture(autouse=True)
def _page(page_app: AppTest) -> None:
    """The app of each test has a data folder of its own."""
    del page_app


def opened(road: Road, goal: Goal, step: str = "") -> AppTest:
    """The page in a new session, as a reload or another tab is one."""
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.query_params["road"], app.query_params["goal"] = road.value, goal.value
    if step:
        app.query_params["step"] = step
    return redrawn(app.switch_page("../../pages/runbook.py").run())


def redrawn(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def profile() -> Profile:
    runtime = current()
    assert runtime is not None
    return runtime.sandbox.profile()


def ledger() -> Ledger:
    runtime = current()
    assert runtime is not None
    return runtime.stores_for(profile()).ledger


def stored() -> Run:
    """The run that was changed last."""
    return run_file.from_record(ledger().road_runs.of("sandbox")[0])


def shown(app: AppTest) -> str:
    """The title of the step that is open, with its number."""
    return re.sub(r"\\", "", str(app.subheader[0].value))


def title(steps: tuple[Step, ...], place: int) -> str:
    return f"{place + 1}. {steps[place].title}"


def say(app: AppTest, what: str, step: str, text: str) -> AppTest:
    """Type into a step's popover and press its button."""
    app.text_input(key=f"runbook.{what}.{step}.text").set_value(text)
    form = {"done": "Mark as done", "skip": "Skip step"}[what]
    button = next(
        one
        for one in app.button
        if one.proto.is_form_submitter
        and one.proto.form_id == f"runbook.{what}.{step}.form"
        and one.label == form
    )
    return redrawn(button.click().run())


def test_a_run_interrupted_at_every_step_goes_on_from_the_store() -> None:
    road, goal = Road.BOX_OAUTH, Goal.ACTIVITY
    app = opened(road, goal)
    steps = steps_for(road, goal, profile=profile())
    for place, step in enumerate(steps):
        assert shown(app) == title(steps, place)
        if place % 2:
            say(app, "skip", step.id, "not here")
        else:
            say(app, "done", step.id, "seen")
        if not place % 6:
            stop_background()  # another day, another process
        app = opened(road, goal)
        states = [stored().step(one.id).state for one in steps]
        assert states[: place + 1] == [
            StepState.SKIPPED if number % 2 else StepState.DONE for number in range(place + 1)
        ]
        assert set(states[place + 1 :]) <= {StepState.OPEN}
    assert "All steps are complete" in texts(app)


def test_a_run_interrupted_at_every_step_goes_on_from_its_file() -> None:
    road, goal = Road.BOX_CCG, Goal.ACTIVITY
    app = opened(road, goal)
    steps = steps_for(road, goal, profile=profile())
    for place, step in enumerate(steps):
        assert shown(app) == title(steps, place)
        say(app, "done", step.id, f"seen {place}")
        run = stored()
        ledger().road_runs.forget(run.id)  # an app that knows nothing of it
        app = opened(Road.BOX_JWT, Goal.FULL)
        file = ("run.json", run_file.to_json(run), "application/json")
        redrawn(app.file_uploader(key="runbook.file").set_value(file).run())
        redrawn(app.button(key="runbook.go_on").click().run())
        assert stored().steps.keys() == run.steps.keys()
        assert stored().step(step.id).reason == f"seen {place}"
    assert "All steps are complete" in texts(app)


def test_a_road_that_the_profile_cannot_take_says_which_roads_it_can() -> None:
    (said,) = opened(Road.BOX_OAUTH, Goal.FULL).warning
    for part in ("“Box with OAuth 2.0”", "Roads that fit: Box with JWT,", "prove none of them"):
        assert part in said.value
    assert not opened(Road.BOX_JWT, Goal.FULL).warning


def test_what_two_tabs_say_of_different_steps_is_both_kept() -> None:
    one, other = opened(Road.BOX_JWT, Goal.FULL), opened(Road.BOX_JWT, Goal.FULL)
    steps = steps_for(Road.BOX_JWT, Goal.FULL, profile=profile())
    say(one, "done", steps[0].id, "in one")
    # The other was drawn before that, and has begun no run of its own.
    other.query_params["step"] = steps[1].id
    other.run()
    say(other, "skip", steps[1].id, "in the other")
    run = stored()
    assert [run.step(step.id).reason for step in steps[:2]] == ["in one", "in the other"]
    assert "Someone else changed this run" in texts(other)
    redrawn(other.button(key="runbook.meanwhile.seen").click().run())
    assert "Someone else changed this run" not in texts(other)
    redrawn(one.run())
    assert steps[1].title in texts(one)
    assert "Someone else changed this run" in texts(one)


def test_regression_a_tab_that_lags_behind_overwrites_nothing_and_is_reported() -> None:
    one, other = opened(Road.BOX_JWT, Goal.FULL), opened(Road.BOX_JWT, Goal.FULL)
    step = steps_for(Road.BOX_JWT, Goal.FULL, profile=profile())[0]
    say(one, "skip", step.id, "we have one already")
    say(other, "done", step.id, "I did it")  # of a state that isn't so any more
    assert stored().step(step.id).state is StepState.SKIPPED
    assert stored().step(step.id).reason == "we have one already"
    assert "your change was not saved" in texts(other)


def test_a_run_that_somebody_else_has_changed_is_not_forgotten_unseen() -> None:
    one, other = opened(Road.BOX_JWT, Goal.FULL), opened(Road.BOX_JWT, Goal.FULL)
    steps = steps_for(Road.BOX_JWT, Goal.FULL, profile=profile())
    say(one, "done", steps[0].id, "seen")
    redrawn(other.run())
    say(one, "done", steps[1].id, "seen")
    redrawn(other.button(key="runbook.anew").click().run())
    assert stored().settled(two.id for two in steps) == 2
    assert "Someone else changed this run" in texts(other)
    redrawn(other.button(key="runbook.anew").click().run())
    assert ledger().road_runs.of("sandbox") == []


def test_what_was_proved_of_another_app_is_open_again_and_says_so(sandbox: SandboxServer) -> None:
    del sandbox
    app = opened(Road.BOX_JWT, Goal.ACTIVITY)
    redrawn(app.button(key="runbook.prove_all").click().run())
    run = stored()
    assert run.step("box.network").state is StepState.PROVED
    # The profile had another key then.
    box = profile().box
    assert box is not None
    before = replace(profile(), box=replace(box, public_key_id="another1"))
    earlier = fitted(run, before).about
    record = run_file.to_record(run)
    record["about"] = earlier
    for one in record["steps"].values():
        one["about"] = earlier
    ledger().road_runs.keep(run.id, "sandbox", record, at=run.updated_at)
    app = opened(Road.BOX_JWT, Goal.ACTIVITY, "box.network")
    assert "proved before this profile changed" in texts(app)
    assert "Proved before this profile changed; run again" in texts(app)
    app.text_input(key="runbook.done.box.network.text")  # it is open: there is something to say
    redrawn(app.button(key="runbook.prove_all").click().run())
    assert "proved before this profile changed" not in texts(app)
    assert stored().step("box.network").state is StepState.PROVED
