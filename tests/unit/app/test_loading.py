"""Loading packages beside each other, and what is taken out of the collector's sight."""

import subprocess
import sys

from tests.sandbox_server import ROOT


def test_a_process_whose_objects_were_set_aside_ends_without_a_report_of_leaks() -> None:
    code = "import duckdb\nfrom lib.app.loading import freeze, set_aside\nset_aside()\nfreeze()\n"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("", "")
