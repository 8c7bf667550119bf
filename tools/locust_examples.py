#!/usr/bin/env python3
"""Runs the locustfiles of Locust's own examples on Locust and on Katydid, and prints a table of what came of it.

    PYTHONPATH=build/release/python tools/locust_examples.py LOCUST_REPOSITORY/examples [FILE …]

Each runs headless, without a master, against a target of this script. "same" means: the same names, the same kinds of
failures, the same exceptions and the same exit code as with Locust's own clients.
Two of them need pyquery.
"""

from __future__ import annotations

import concurrent.futures
import csv
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sized

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "python" / "differential"))

from recording_target import RecordingTarget  # noqa: E402

OUTSIDE = {
    "azure": "Azure",
    "grpc": "grpc",
    "milvus": "Milvus",
    "mongodb": "MongoDB",
    "mqtt": "an MQTT broker",
    "postgres": "PostgreSQL",
    "qdrant": "Qdrant",
    "socketio": "a Socket.IO server",
    "terraform": "AWS",
    "openai_ex.py": "OpenAI",
    "dns_ex.py": "a DNS server",
    "custom_xmlrpc_client": "its own XML-RPC server",
}
NO_LOCUSTFILE = {"bottlenecked_server.py", "server.py", "use_as_lib.py"}
# What the log of a run without any request says is missing.
MISSING = re.compile(r"No module named '([^']+)'|No such file or directory: '([^']+)'|[Ff]ailed to resolve '([^']+)'")


def run(file: pathlib.Path, host: str, command: list[str]) -> tuple[dict[str, object], str]:
    """What a run came to, and its log."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--headless", "-u", "20", "-r", "20", "-t", "10s", "--host", host, "--csv", f"{folder}/run"]
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "-f", file.name, *options, "--only-summary"],
            cwd=file.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{file.parent}:{os.environ.get('PYTHONPATH', '')}"},
        )
        try:
            log, _ = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:  # a shape, which takes no run time
            process.send_signal(signal.SIGINT)
            log, _ = process.communicate(timeout=40)
        seen: dict[str, object] = {"exit code": process.returncode}
        for part, columns in (
            ("stats", ("Type", "Name")),
            ("failures", ("Method", "Name", "Error")),
            ("exceptions", ("Message",)),
        ):
            path = pathlib.Path(folder, f"run_{part}.csv")
            rows = list(csv.DictReader(path.open())) if path.exists() else []
            seen[part] = {re.sub(r"[\d.]+", "N", " ".join(row[column] for column in columns)) for row in rows}
        return seen, log


def compare(file: pathlib.Path, name: str, host: str) -> str:
    """What happened to one file."""
    hindrance = next((why for word, why in OUTSIDE.items() if word in name), None)
    if hindrance:
        return f"needs {hindrance}"
    try:
        plain, plain_log = run(file, host, ["locust"])
        own, log = run(file, host, ["katydid.gevent"])
    except subprocess.TimeoutExpired as error:
        return f"did not end: {error.cmd[2]}"
    different = [f"{part}: {plain[part]} / {own[part]}" for part in plain if plain[part] != own[part]]
    if different:
        print(name, log[-2000:], file=sys.stderr)
        return f"DIFFERENT {'; '.join(different)}"
    names, failures = plain["stats"], plain["failures"]
    assert isinstance(names, set)
    assert isinstance(failures, set)
    missing = None if names else MISSING.search(plain_log)
    if missing:
        return f"needs {missing[missing.lastindex or 0]}"
    return f"same: {counted(names, 'name')}, {counted(failures, 'failure')}, exit code {plain['exit code']}"


def counted(things: Sized, name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def main() -> None:
    # A shell's job in the background is started with it ignored, which the runs would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = pathlib.Path(sys.argv[1]).resolve()
    files = [folder / each for each in sys.argv[2:]] or sorted(
        file
        for file in folder.rglob("*.py")
        if file.name not in NO_LOCUSTFILE and re.search(r"\w*User\b|pytest", file.read_text())
    )
    target = RecordingTarget()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        names = [str(file.relative_to(folder)) for file in files]
        hosts = [f"http://127.0.0.1:{target.port}"] * len(files)
        print("| example | what happened |\n| --- | --- |")
        for name, came_of_it in zip(names, pool.map(compare, files, names, hosts), strict=True):
            print(f"| {name} | {came_of_it} |", flush=True)


if __name__ == "__main__":
    main()
