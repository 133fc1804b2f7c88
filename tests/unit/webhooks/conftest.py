from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webhook_bench import Bench, bench


@pytest.fixture
def webhooks(tmp_path: Path) -> Iterator[Bench]:
    """A receiver for the profile `acme`."""
    with bench(tmp_path) as made:
        yield made
