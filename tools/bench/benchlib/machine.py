"""This machine, this build, and what is installed beside it."""

import contextlib
import ctypes
import os
import pathlib
import platform
import re
import shutil
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
KATYDID = ROOT / "build/release/katydid"


def locust():
    newest = max((ROOT / ".venv").glob("locust-*"), key=lambda p: [int(n) for n in p.name[7:].split(".")])
    return newest / "bin/locust"


def require(*tools):
    """Ends the program with what to install when one is missing."""
    for tool in tools:
        if not shutil.which(tool):
            sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {tool} is not installed: tools/setup --bench installs it")
    if not KATYDID.exists():
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: there is no build/release/katydid: tools/demo builds it")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(cores, command):
    """The command on these cores alone ("0", "0,1"); on any when there are not so many."""
    there = max(int(core) for core in str(cores).split(",")) < (os.cpu_count() or 1)
    return [*(["taskset", "-c", str(cores)] if there else []), *map(str, command)]


@contextlib.contextmanager
def server(command, ask):
    """Runs it for as long as the block does, which begins when `ask` gets an answer."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                ask()
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def processor_seconds():
    """(used by all programs, time of all cores) since the machine started; nothing where the system does not tell."""
    try:
        fields = [int(field) for field in open("/proc/stat").readline().split()[1:9]]
    except OSError:
        return 0.0, 0.0
    tick = os.sysconf("SC_CLK_TCK")
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / tick, sum(fields) / tick


def busy(seconds=1):
    """The share of all cores that is in use now, while this program sleeps."""
    used, total = processor_seconds()
    time.sleep(seconds)
    used, total = (after - before for after, before in zip(processor_seconds(), (used, total)))
    return max(0.0, used) / total if total else 0.0


def _first_line(*command):
    run = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    text = (run.stdout or run.stderr).strip().splitlines()[0]
    return re.split(r" from | \[|  ", text)[0].removeprefix("nginx version: ")


def machine():
    """The processor, its cores and the kernel."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}"


def _libcurl(katydid):
    """The version that it is linked with, and whose build of it; nothing where that cannot be told."""
    try:
        libraries = subprocess.run(["ldd", katydid], capture_output=True, text=True).stdout
        path = re.search(r"libcurl\S* => (\S+)", libraries)[1]
        library = ctypes.CDLL(path)
    except (OSError, TypeError):
        return
    library.curl_version.restype = ctypes.c_char_p
    number = library.curl_version().decode().split()[0].removeprefix("libcurl/")
    yield f"libcurl {number} ({'tools/libcurl' if '/build/libcurl/' in path else 'of the system'})"


def versions(katydid, *programs):
    """The first line of what each says that it is."""
    commands = {"nginx": ["nginx", "-v"], "wrk": ["wrk", "-v"], "h2load": ["h2load", "--version"], "curl": ["curl", "--version"]}
    return [
        _first_line(katydid, "--version"),
        *_libcurl(katydid),
        *(_first_line(*(commands.get(program) or [locust(), "--version"])) for program in programs),
    ]
