"""How long all checks of a healthy profile take, beside the same calls without any judgement.

Each run of the checks has clients and tokens of its own, as the app's have. Beside it, in the same
run: the same requests in the same order with one bare httpx client and a token that is already
there; and the command from a shell. Prints a table; asserts nothing.

    python -m benchmarks.checks [--runs 20]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import httpx

from lib.app.background.checking import context_for
from lib.app.clients import Clients
from lib.runbook.checks.running import report
from lib.settings.profiles import Profile, sandbox_profile
from tests.sandbox_server import ROOT, SandboxServer, running_sandbox

OWN = ("/sandbox/", "/oauth2/")


def checks(profile: Profile, url: str) -> float:
    """Seconds from the first to the last verdict."""
    clients = Clients((), lambda: url)
    started = time.perf_counter()
    with context_for(profile, clients) as context:
        made = report(context)
    seconds = time.perf_counter() - started
    clients.close()
    if not made.ok:
        message = f"not healthy: {[one.id for one in made.verdicts if one.status == 'failed']}"
        raise SystemExit(message)
    return seconds


def calls_of(sandbox: SandboxServer, profile: Profile) -> list[tuple[str, str]]:
    """What one run asks, by the sandbox's log; Kloudless's own calls to Box are left out."""
    start = len(sandbox.get("/sandbox/log"))
    checks(profile, sandbox.url)
    served: list[dict[str, Any]] = sandbox.get("/sandbox/log")[start:]
    return [
        (one["method"], one["path"])
        for one in served
        if not one["path"].startswith(OWN) and one["method"] == "GET"
    ]


def bare(sandbox: SandboxServer, asked: list[tuple[str, str]]) -> Callable[[], float]:
    """The same addresses, one after the other."""
    answer = sandbox.credentials()
    tokens = {
        "/v1/": f"APIKey {answer['kloudless']['api_key']}",
        "/2.0/": f"Bearer {answer['box']['developer_token']}",
    }
    http = httpx.Client(base_url=sandbox.url, timeout=60, trust_env=False)

    def once() -> float:
        started = time.perf_counter()
        for method, path in asked:
            token = tokens["/v1/" if path.startswith("/v1/") else "/2.0/"]
            http.request(method, path, headers={"Authorization": token})
        return time.perf_counter() - started

    return once


def command(url: str, data: str) -> float:
    """`python -m lib check --json`, as cron runs it."""
    env = {**os.environ, "BOX_RUNBOOK_SANDBOX": url, "BOX_RUNBOOK_DATA": data}
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "lib", "check", "--json"],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - started


def row(name: str, seconds: list[float]) -> None:
    print(
        f"{name:48} {statistics.median(seconds) * 1000:9.0f} {max(seconds) * 1000:9.0f}", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    with running_sandbox("--no-rate-limits") as sandbox, tempfile.TemporaryDirectory() as data:
        profile = sandbox_profile(sandbox.credentials())
        asked = calls_of(sandbox, profile)
        beside = bare(sandbox, asked)
        print(f"{'':48} median ms    max ms   ({len(asked)} reading calls)")
        row(
            "all checks, first to last verdict", [checks(profile, sandbox.url) for _ in range(runs)]
        )
        row("the same calls, bare httpx, no judgement", [beside() for _ in range(runs)])
        row("python -m lib check --json", [command(sandbox.url, data) for _ in range(3)])


if __name__ == "__main__":
    main()
