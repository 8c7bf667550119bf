"""Feeders in users of every kind: which rows their workers take, alone and in a fleet."""

from __future__ import annotations

import json
import pathlib
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from katydid import CsvFeeder, JsonLinesFeeder, StopUser

from .bench import PYTHONPATH, Bench, eventually, opened
from .conftest import ROOT

CPP = """
#include <katydid/katydid.hpp>
using namespace katydid;
using namespace std::chrono_literals;
CsvFeeder rows("rows.csv", {%s});
struct Fed : FastHttpUser {
  task<> ask() { co_await client.get("/bytes/" + rows.next(*this)["n"], {.name = "/bytes"}); }
};
KATYDID_USER(Fed).wait_time(constant(20ms)).task<&Fed::ask>();
"""
COROUTINES = """
from katydid import %(base)s, CsvFeeder, constant, task
rows = CsvFeeder("rows.csv", %(options)s)
class Fed(%(base)s):
    wait_time = constant(0.02)
    @task
    async def ask(self):
        await self.client.get("/bytes/" + next(rows)["n"], name="/bytes")
"""
GEVENT = """
from katydid.data import CsvFeeder
from locust import FastHttpUser, constant, task
rows = CsvFeeder("rows.csv", %(options)s)
class Fed(FastHttpUser):
    wait_time = constant(0.02)
    @task
    def ask(self):
        self.client.get("/bytes/" + next(rows)["n"], name="/bytes")
"""
KINDS = ["cpp", "asyncio", "trio", "gevent", "locust"]
ROWS = 60


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    (tmp_path / "rows.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(1, ROWS + 1)))
    with opened("", tmp_path) as bench:
        yield bench


def locustfile(folder: pathlib.Path, kind: str, **options: str) -> pathlib.Path:
    if kind == "cpp":
        text = CPP % ", ".join(f".{name} = {name.title().replace('_E', 'E')}::{v}" for name, v in options.items())
        text = text.replace("Atend", "AtEnd")
    else:
        base = "AsyncUser" if kind == "asyncio" else "TrioUser"
        keywords = ", ".join(f"{name}={value!r}" for name, value in options.items())
        text = (COROUTINES if kind in ("asyncio", "trio") else GEVENT) % {"base": base, "options": keywords}
    file = folder / (f"fed_{kind}.cpp" if kind == "cpp" else f"fed_{kind}.py")
    file.write_text(text)
    return file


def worker(bench: Bench, master: Any, kind: str, **options: str) -> Any:
    file = locustfile(bench.lab.folder, kind, **options)
    command: list[Any] = [sys.executable, "-m", "katydid"]
    if kind == "cpp":
        command = [bench.lab.katydid]
    elif kind == "locust":
        command = [sys.executable, "-m", "locust", "--worker"]
    command += ["-f", file, "--master-port", master.port]
    if kind == "cpp":
        command += ["--processes", "2"]
    return bench.lab.run(f"worker-{kind}", command, {"PYTHONPATH": PYTHONPATH})


def plan(bench: Bench) -> pathlib.Path:
    file = bench.lab.folder / "plan.py"
    file.write_text("from locust import HttpUser, task\nclass Fed(HttpUser):\n    @task\n    def ask(self): pass\n")
    return file


def master(bench: Bench, workers: int, seconds: int = 4) -> Any:
    run = f"-u {2 * workers} -r 10 -t {seconds}s --host {bench.target.url} --expect-workers {workers}"
    return bench.lab.master(plan(bench), run=run)


def seen(bench: Bench) -> Counter[int]:
    """How often each row was used."""
    paths = bench.target.counts()["by_path"]
    return Counter(
        {int(path.rsplit("/", 1)[1]): numbers["started"] for path, numbers in paths.items() if "/bytes/" in path}
    )


@pytest.mark.parametrize("kinds", [*([kind, kind] for kind in KINDS[:4]), KINDS], ids="-".join)
def test_each_row_once_in_a_fleet(bench: Bench, kinds: list[str]) -> None:
    boss = master(bench, len(kinds))
    workers = [worker(bench, boss, kind, order="once") for kind in kinds]
    final = boss.final(timeout=90)
    assert [each.wait() for each in workers] == [0] * len(kinds)
    assert seen(bench) == dict.fromkeys(range(1, ROWS + 1), 1)
    assert final["total"]["num_requests"] == ROWS
    assert not final["errors"]


@pytest.mark.parametrize("kind", KINDS[:4])
def test_a_worker_too_many_gets_none(bench: Bench, kind: str) -> None:
    boss = bench.lab.master(plan(bench))
    workers = [worker(bench, boss, kind, order="once") for _ in range(2)]
    boss.wait_for_workers(2)
    boss.swarm(4, rate=10, host=bench.target.url)
    eventually(lambda: len(seen(bench)) == ROWS, "all rows were used")
    eventually(
        lambda: sum("They are divided among 1 worker" in each.output() for each in workers) == 1, "one of them says why"
    )
    assert set(seen(bench).values()) == {1}


@pytest.mark.parametrize("kind", KINDS[:4])
def test_each_test_begins_anew(bench: Bench, kind: str) -> None:
    boss = bench.lab.master(plan(bench))
    worker(bench, boss, kind, order="once")
    boss.wait_for_workers(1)
    for times in (1, 2):
        boss.swarm(4, rate=10, host=bench.target.url)
        eventually(lambda: seen(bench) == dict.fromkeys(range(1, ROWS + 1), times), "all rows were used")  # noqa: B023
        boss.stop()
        boss.wait_for_workers(1)


@pytest.mark.parametrize("kind", KINDS[:4])
def test_rows_come_again(bench: Bench, kind: str) -> None:
    boss = master(bench, 1)
    only = worker(bench, boss, kind, order="sequential")
    boss.final(timeout=90)
    assert only.wait() == 0
    counts = seen(bench)
    assert len(counts) == ROWS
    assert max(counts.values()) >= 2
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize("kind", KINDS[:4])
def test_the_last_row_ends_the_test(bench: Bench, kind: str) -> None:
    boss = master(bench, 1, seconds=60)
    only = worker(bench, boss, kind, order="once", at_end="stop_test")
    assert only.wait(30) == 0, "it leaves long before the time is over"
    assert seen(bench) == dict.fromkeys(range(1, ROWS + 1), 1)
    boss.kill()


def test_rows_of_a_csv_file(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "users.csv"
    file.write_bytes('\ufeffname;note\r\nann;"a ""b"";\n c"\r\n\r\nžofie;\r\n'.encode())
    feeder = CsvFeeder(str(file), order="once", separator=";")
    assert len(feeder) == 2
    assert iter(feeder) is feeder
    assert next(feeder) == {"name": "ann", "note": 'a "b";\n c'}
    assert next(feeder) == {"name": "žofie", "note": ""}
    with pytest.raises(StopUser):
        next(feeder)
    assert next(CsvFeeder(str(file), separator=";", columns=["a", "b"])) == {"a": "name", "b": "note"}


def test_values_of_json_lines(tmp_path: pathlib.Path) -> None:
    values = [{"id": 1, "tags": ["a", None, 1.5]}, [True], "text", None]
    file = tmp_path / "orders.jsonl"
    file.write_text("".join(json.dumps(value) + "\n\n" for value in values))
    feeder = JsonLinesFeeder(str(file))
    assert [next(feeder) for _ in range(6)] == [*values, *values[:2]]
    picked = JsonLinesFeeder(str(file), order="random")
    assert all(next(picked) in values for _ in range(100))


def test_what_is_wrong_is_said(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("a,b\n1,2\n3\n")
    with pytest.raises(RuntimeError, match=r"users.csv, line 3: this row has 1 field, and there are 2 columns"):
        CsvFeeder(str(file))
    with pytest.raises(ValueError, match="order must be one of 'sequential', 'random', 'once', not 'shuffle'"):
        CsvFeeder(str(file), order="shuffle")
    with pytest.raises(ValueError, match="at_end must be one of 'wrap', 'stop_user', 'stop_test', not 'end'"):
        CsvFeeder(str(file), at_end="end")
    with pytest.raises(ValueError, match="one character"):
        CsvFeeder(str(file), separator="::")
    with pytest.raises(FileNotFoundError, match=r"there is no file none\.csv, in the working directory or in "):
        CsvFeeder("none.csv")


def test_a_file_is_found_beside_the_locustfile(tmp_path: pathlib.Path) -> None:
    assert next(CsvFeeder("../../examples/data/accounts.csv"))["name"] == "ann"
    assert (ROOT / "examples" / "data" / "accounts.csv").is_file()
