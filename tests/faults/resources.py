"""Small disks, few descriptors, other clocks."""

import os
import resource
import shutil
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder, size="64k"):
    """A disk of that size, mounted at `folder`."""
    if os.geteuid() != 0:
        pytest.skip("a disk of its own wants root")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder):
    """To the last byte."""
    with open(folder / "filling", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def limited(**limits):
    """What runs a command with these limits of prlimit's: nofile=64."""
    if not shutil.which("prlimit"):
        pytest.skip("prlimit is not installed (util-linux)")
    return ["prlimit", *(f"--{name}={value}:{value}" for name, value in limits.items())]


@contextmanager
def no_more_memory(pid, more):
    """The process, as large as it is by now, may map so many bytes more."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        size = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    before = resource.prlimit(pid, resource.RLIMIT_AS, (size + more, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # it may have ended of it
            resource.prlimit(pid, resource.RLIMIT_AS, before)


class Clock:
    """The time of day that a process is told, by libfaketime; its monotonic clock goes on as ever."""

    def __init__(self, folder):
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
        if not library:
            pytest.skip("libfaketime is not installed; tools/setup --tests")
        self._file = folder / "clock"
        self.shift(0)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }

    def shift(self, seconds):
        """From the machine's own time."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}")
        new.replace(self._file)
