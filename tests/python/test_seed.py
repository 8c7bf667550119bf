"""--seed: what users choose, how long they wait and which rows they draw is the same in each run."""

from __future__ import annotations

import pathlib
import re
import sys
from collections import defaultdict

import pytest
from katydid import chance
from recording_target import RecordingTarget, running

from .bench import PYTHONPATH, Bench, opened

CPP = """
#include <katydid/katydid.hpp>
using namespace katydid;
CsvFeeder rows("rows.csv", {.order = Order::random});
struct Chooser : FastHttpUser {
  task<> on_start() override { co_await ask("start-" + std::to_string(random_source().below(1000000))); }
  task<> a() { return ask("a-" + rows.next(*this)["n"]); }
  task<> b() { return ask("b-" + rows.next(*this)["n"]); }
  task<> ask(std::string what) {
    co_await client.get("/hello?" + what, {.cookies = {{"user", who}}});
    if (++asked == 25) stop();
  }
  int asked = 0;
  const std::string who = std::to_string(random_source().below(1000000));
};
KATYDID_USER(Chooser)
    .wait_time([](User& user) { return std::chrono::milliseconds(random_source().below(3)); })
    .task<&Chooser::a>(3).task<&Chooser::b>(1);
"""
COROUTINES = """
from katydid import %(base)s, CsvFeeder, between, random_source, task
rows = CsvFeeder("rows.csv", order="random")
class Chooser(%(base)s):
    wait_time = between(0.0, 0.003)
    async def on_start(self):
        self.asked, self.who = 0, str(random_source().randrange(1000000))
        await self.ask("start-" + str(random_source().randrange(1000000)))
    @task(3)
    async def a(self):
        await self.ask("a-" + next(rows)["n"])
    @task(1)
    async def b(self):
        await self.ask("b-" + next(rows)["n"])
    async def ask(self, what):
        await self.client.get("/hello?" + what, cookies={"user": self.who})
        self.asked += 1
        if self.asked == 25:
            self.stop()
"""
GEVENT = """
import random
from katydid.data import CsvFeeder
from locust import HttpUser, between, task
rows = CsvFeeder("rows.csv", order="random")
class Chooser(HttpUser):
    wait_time = between(0.0, 0.003)
    def on_start(self):
        self.asked, self.who = 0, str(random.randrange(1000000))
    @task(3)
    def a(self):
        self.ask("a-" + next(rows)["n"])
    @task(1)
    def b(self):
        self.ask("b-" + next(rows)["n"])
    def ask(self, what):
        self.client.get("/hello?" + what, cookies={"user": self.who})
        self.asked += 1
        if self.asked == 25:
            self.stop()
"""


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Bench:
    (tmp_path / "rows.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(1000)))
    with opened("", tmp_path) as bench:
        yield bench


target = pytest.fixture(running, name="target")


def asked(
    bench: Bench,
    target: RecordingTarget,
    kind: str,
    users: int,
    *options: str,
    environment: dict[str, str] | None = None,
) -> set[tuple[str, ...]]:
    """What each user has asked for, in its order."""
    texts = {"cpp": CPP, "gevent": GEVENT}
    base = "AsyncUser" if kind == "asyncio" else "TrioUser"
    file = bench.lab.folder / (f"chooser_{kind}." + ("cpp" if kind == "cpp" else "py"))
    file.write_text(texts.get(kind) or COROUTINES % {"base": base})
    command = [bench.lab.katydid] if kind == "cpp" else [sys.executable, "-m", "katydid"]
    command += ["-f", file, "--headless", "-u", str(users), "-r", "100", "-t", "3s", "--host", target.url, *options]
    process = bench.lab.run("worker", command, {"PYTHONPATH": PYTHONPATH, **(environment or {})})
    assert process.wait(60) == 0, process.output()
    by_user: dict[str, list[str]] = defaultdict(list)
    for request in target.take():
        user = re.search(r"user=(\d+)", request.header("Cookie") or "")
        assert user is not None
        by_user[user.group(1)].append(request.target)
    assert len(by_user) == users
    assert {len(each) for each in by_user.values()} == {25}
    return {(user, *targets) for user, targets in by_user.items()}


@pytest.mark.parametrize("kind", ["cpp", "asyncio", "trio", "gevent"])
def test_the_same_seed_gives_the_same_run(bench: Bench, target: RecordingTarget, kind: str) -> None:
    first = asked(bench, target, kind, 1, "--seed", "7")
    assert asked(bench, target, kind, 1, environment={"KATYDID_SEED": "7"}) == first
    assert asked(bench, target, kind, 1, "--seed", "8") != first
    assert asked(bench, target, kind, 1) != asked(bench, target, kind, 1)


@pytest.mark.parametrize("kind", ["cpp", "asyncio", "trio"])
def test_each_of_several_users_is_repeated(bench: Bench, target: RecordingTarget, kind: str) -> None:
    options = ["--seed", "7", *(["--processes", "2"] if kind == "cpp" else [])]
    first = asked(bench, target, kind, 8, *options)
    assert len({targets[1:] for targets in first}) == 8, "they do not all do the same"
    assert asked(bench, target, kind, 8, *options) == first


def test_workers_differ() -> None:
    drawn = []
    before = chance.random
    try:
        chance.seed(3)
        for worker in (0, 1, 0):
            chance.begin_test(worker)
            for cls in ("A", "A", "B"):
                with chance.of_another_user(cls):
                    drawn.append(chance.random())
    finally:
        chance._seed, chance.random = None, before
    assert drawn[:3] == drawn[6:]
    assert len(set(drawn)) == 6
