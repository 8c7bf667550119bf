from __future__ import annotations

from collections.abc import Iterator

import pytest
from recording_target import RecordingTarget, running


@pytest.fixture(scope="module")
def target() -> Iterator[RecordingTarget]:
    yield from running()
