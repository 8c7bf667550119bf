"""--resolve, --source-address and --rotate-addresses: which addresses connections go to, and come from."""

from __future__ import annotations

import pathlib
import sys
from collections import defaultdict
from collections.abc import Iterator

import pytest
from recording_target import RecordingTarget, SeenRequest

from .bench import PYTHONPATH, Bench, opened

CPP = """
#include <katydid/katydid.hpp>
using namespace katydid;
using namespace std::chrono_literals;
struct Asker : %(base)s {
  task<> ask() {
    static std::atomic<int> users = 0;
    if (number == 0) number = ++users;
    co_await client.get("/hello?" + std::to_string(number));
    co_await client.get("/goodbye?" + std::to_string(number));
  }
  int number = 0;
};
KATYDID_USER(Asker).wait_time(constant(50ms)).task<&Asker::ask>();
"""
COROUTINES = """
from itertools import count
from katydid import %(base)s, constant, task
numbers = count(1)
class Asker(%(base)s):
    wait_time = constant(0.05)
    def __init__(self, environment):
        super().__init__(environment)
        self.number = next(numbers)
    @task
    async def ask(self):
        await self.client.get(f"/hello?{self.number}")
        await self.client.get(f"/goodbye?{self.number}")
"""
KINDS = {"HttpUser": CPP, "FastHttpUser": CPP, "AsyncUser": COROUTINES, "TrioUser": COROUTINES}


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("", tmp_path) as bench:
        yield bench


@pytest.fixture
def target() -> Iterator[RecordingTarget]:
    target = RecordingTarget("0.0.0.0")  # all of 127.0.0.0/8
    yield target
    target.close()


class Run:
    """Six users of one kind for two seconds."""

    def __init__(self, bench: Bench, target: RecordingTarget, kind: str, *options: str, environment: dict[str, str]):
        text = KINDS[kind] % {"base": kind}
        file = bench.lab.folder / (f"asker_{kind}." + ("cpp" if KINDS[kind] is CPP else "py"))
        file.write_text(text.replace("#include <k", "#include <atomic>\n#include <k"))
        command = [bench.lab.katydid] if KINDS[kind] is CPP else [sys.executable, "-m", "katydid"]
        command += ["-f", file, "--headless", "--only-summary", "-u", "6", "-r", "20", "-t", "2s", *options]
        process = bench.lab.run("worker", command, {"PYTHONPATH": PYTHONPATH, **environment})
        self.code = process.wait(60)
        self.output = process.output()
        self.seen = target.take()

    def by_user(self, part: str) -> list[set[str]]:
        """A field of each user's requests."""
        found: dict[str, set[str]] = defaultdict(set)
        for request in self.seen:
            found[request.target.partition("?")[2]].add(getattr(request, part))
        return list(found.values())


def run(
    bench: Bench, target: RecordingTarget, kind: str, *options: str, environment: dict[str, str] | None = None
) -> Run:
    return Run(bench, target, kind, *options, environment=environment or {})


def hosts(seen: list[SeenRequest]) -> set[str | None]:
    return {request.header("Host") for request in seen}


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_has_another_address(bench: Bench, target: RecordingTarget, kind: str) -> None:
    url = f"http://shop.invalid:{target.port}"
    done = run(bench, target, kind, "--host", url, "--resolve", f"shop.invalid:{target.port}:127.0.0.5")
    assert done.code == 0, done.output
    assert {request.address for request in done.seen} == {"127.0.0.5"}
    assert hosts(done.seen) == {f"shop.invalid:{target.port}"}


@pytest.mark.parametrize("kind", ["HttpUser", "FastHttpUser"])
def test_every_name_has_another_address(bench: Bench, target: RecordingTarget, kind: str) -> None:
    entries = f"other.invalid:{target.port}:127.0.0.6 *:{target.port}:127.0.0.7"
    done = run(
        bench, target, kind, "--host", f"http://shop.invalid:{target.port}", environment={"KATYDID_RESOLVE": entries}
    )
    assert done.code == 0, done.output
    assert {request.address for request in done.seen} == {"127.0.0.7"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("event_loop", ["auto", "epoll"])
def test_users_connect_from_one_address_after_another(
    bench: Bench, target: RecordingTarget, kind: str, event_loop: str
) -> None:
    sources = ["127.0.0.21", "127.0.0.22", "127.0.0.23"]
    options = ["--source-address", ",".join(sources), "--event-loop", event_loop, "--host", target.url]
    done = run(bench, target, kind, *options)
    assert done.code == 0, done.output
    used = done.by_user("source")
    assert sorted(used, key=min) == [{source} for source in sources for _ in range(2)]
    assert len({request.connection for request in done.seen}) > 12, "which hold for each new connection"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("event_loop", ["auto", "epoll"])
def test_an_address_that_is_not_ours(bench: Bench, target: RecordingTarget, kind: str, event_loop: str) -> None:
    options = ["--source-address", "192.0.2.1", "--event-loop", event_loop, "--host", target.url]
    done = run(bench, target, kind, *options)
    assert done.code == 1
    assert not done.seen
    place = f"127.0.0.1:{target.port}, from 192.0.2.1"
    assert f"OSError: [Errno 99] Cannot assign requested address ({place})" in done.output


@pytest.mark.parametrize("kind", KINDS)
def test_users_take_a_names_addresses_in_turn(bench: Bench, target: RecordingTarget, kind: str) -> None:
    ours = [f"127.0.0.{last}" for last in (31, 32, 33)]
    resolve = f"shop.invalid:{target.port}:{','.join(ours)}"
    options = ["--host", f"http://shop.invalid:{target.port}", "--resolve", resolve]
    turned = run(bench, target, kind, *options, "--rotate-addresses")
    assert turned.code == 0, turned.output
    assert sorted(turned.by_user("address"), key=min) == [{address} for address in ours for _ in range(2)]
    assert {request.address for request in run(bench, target, kind, *options).seen} == {ours[0]}


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_that_does_not_answer_is_passed_over(bench: Bench, target: RecordingTarget, kind: str) -> None:
    resolve = f"shop.invalid:{target.port}:127.0.0.41,[::1],127.0.0.42"  # nobody listens at ::1
    options = ["--host", f"http://shop.invalid:{target.port}", "--resolve", resolve, "--rotate-addresses"]
    done = run(bench, target, kind, *options)
    assert done.code == 0, done.output
    assert sorted(done.by_user("address"), key=min) == [{"127.0.0.41"}] * 2 + [{"127.0.0.42"}] * 4


def test_wrong_options_are_refused(bench: Bench, target: RecordingTarget) -> None:
    for options, words in (
        (("--resolve", "shop:127.0.0.1"), "expected HOST:PORT:ADDRESS, as in shop.example:443:127.0.0.1"),
        (("--resolve", "shop:80:somewhere"), "'somewhere' is not an IP address"),
        (("--source-address", "eth0"), "'eth0' is not an IP address"),
    ):
        done = run(bench, target, "AsyncUser", *options)
        assert done.code == 2
        assert words in done.output
