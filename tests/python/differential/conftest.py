"""The target that writes down what it is asked."""

import pytest
import recording_target

target = pytest.fixture(recording_target.running, name="target")
