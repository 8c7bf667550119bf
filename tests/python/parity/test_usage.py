"""`usage_monitor` and `cpu_warning` beside Locust.

Whether a core is had whole is the machine's affair: so each look says what it has seen, and the rule is compared.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import time
from contextlib import suppress

import pytest
from recording_target import RecordingTarget

from ..command.test_command import needs_locust
from .runs import MODES, program, surroundings, told

pytestmark = needs_locust
THRESHOLD = 90.0


def first() -> None:
    """Before others of this machine, where that is allowed."""
    os.setsid()
    with suppress(OSError):
        os.nice(-10)
        pathlib.Path("/proc/self/autogroup").write_text("-10")  # where Linux shares its time among sessions


@pytest.mark.parametrize("mode", [*MODES, "locust"])
def test_a_busy_process_is_warned_of(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    cores = ["--processes", "1"] if mode == "cpp" else []
    command = [*program(mode, "busy", tmp_path), "--headless", "-u", "1", "--host", target.url, "-t", "100s", *cores]
    begin = time.monotonic()
    done = subprocess.run(
        command, cwd=tmp_path, env=surroundings(), preexec_fn=first, capture_output=True, text=True, check=False
    )  # fmt: skip
    words = [line.split() for line in told(done.stdout)]
    looks = [float(number) for word, number in words if word == "usage"]
    expected = []
    for each in looks:  # the warning comes first, with the same figure
        expected += [("warning", each)] if each > THRESHOLD else []
        expected += [("usage", each)]
    assert [(word, float(number)) for word, number in words] == expected, done.stdout + done.stderr
    assert looks, done.stderr
    assert time.monotonic() - begin > 9.5 * len(looks), "it looks every ten seconds"
    if looks[-1] <= THRESHOLD:
        pytest.skip(f"this machine has no core to spare: {looks}")
