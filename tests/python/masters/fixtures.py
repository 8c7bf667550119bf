"""The target that writes down what it is asked, and the processes of a test."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest
import recording_target
from real_master import Processes

target = pytest.fixture(recording_target.running, name="target")


@pytest.fixture
def processes(tmp_path: pathlib.Path) -> Iterator[Processes]:
    with Processes(tmp_path) as all_of_them:
        yield all_of_them
