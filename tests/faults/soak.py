"""A long test at moderate load: tools/soak has the options."""

import argparse
import pathlib
import random
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from types import SimpleNamespace

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *(str(HERE.parent / part) for part in ("conformance", "support", "support/servers"))]

import requests  # noqa: E402
from harness.lab import ROOT, Lab  # noqa: E402
from harness.releases import releases  # noqa: E402
from modes import MODES  # noqa: E402
from world import World, descriptors, memory  # noqa: E402

MOST_USERS = 60
SAMPLE_EVERY = 5.0
ALLOWED_MEMORY = 1.25  # of the last third to the first, and ALLOWED_BYTES
ALLOWED_BYTES = 12 * 1024 * 1024
ALLOWED_DESCRIPTORS = 12
LAG = re.compile(r"katydid_loop_lag_seconds_(sum|count)(?:\{.*?\})? (\S+)")


@dataclass
class Sample:
    at: float
    memory: int
    descriptors: int
    lag: float  # milliseconds, the mean since the last sample


class Watch:
    """Samples of one worker while nobody runs: what is left over is what grows."""

    def __init__(self, world):
        self._world = world
        self._metrics = world.worker.wait_for_output(r"Metrics are at (\S+)").group(1) if world.has_metrics else None
        self._lag_before = 0.0, 0.0
        self.samples = []

    def sample(self):
        pid = self._world.worker.pid
        self.samples.append(Sample(time.monotonic(), memory(pid), descriptors(pid), self._lag()))

    def _lag(self):
        if not self._metrics:
            return 0.0
        found = dict.fromkeys(("sum", "count"), 0.0)
        for kind, value in LAG.findall(requests.get(self._metrics, timeout=10).text):
            found[kind] += float(value)
        now, before = (found["sum"], found["count"]), self._lag_before
        self._lag_before = now
        return 1000 * (now[0] - before[0]) / max(1.0, now[1] - before[1])

    def growth(self):
        """What grew, as sentences."""
        third = max(1, len(self.samples) // 3)
        first, last = self.samples[:third], self.samples[-third:]
        wrong = []
        before, after = min(s.memory for s in first), min(s.memory for s in last)
        if len(self.samples) > 5 and after > before * ALLOWED_MEMORY + ALLOWED_BYTES:
            wrong.append(f"memory grew from {before >> 20} to {after >> 20} MiB")
        if self.samples[-1].descriptors > self.samples[0].descriptors + ALLOWED_DESCRIPTORS:
            wrong.append(f"descriptors grew from {self.samples[0].descriptors} to {self.samples[-1].descriptors}")
        return wrong

    def row(self, name, tests, counted):
        first, last = self.samples[0], self.samples[-1]
        lag = max(s.lag for s in self.samples)
        return (
            f"{name:20} {tests:5d} {counted:10d} {first.memory >> 20:6d} {last.memory >> 20:6d}"
            f" {first.descriptors:6d} {last.descriptors:6d} {lag:8.2f}"
        )


HEADER = f"{'mode':20} {'tests':>5} {'requests':>10} {'MiB':>6} {'last':>6} {'fds':>6} {'last':>6} {'lag ms':>8}"


def one_test(world, chance):
    """Users come and go, and are stopped; the counts have to agree."""
    world.target.reset()
    world.swarm(chance.randrange(5, MOST_USERS), rate=chance.choice([5, 20, 100]))
    for _ in range(chance.randrange(0, 4)):
        time.sleep(chance.uniform(1, 8))
        world.swarm(chance.randrange(1, MOST_USERS), rate=chance.choice([5, 20, 100]))
    time.sleep(chance.uniform(3, 8))
    world.stop()
    return world.judge()["total"]["num_requests"]


def soak(mode, seconds, seed, folder):
    """(row of the table, what was wrong)"""
    options = SimpleNamespace(
        worker="katydid", katydid=ROOT / "build/release/katydid", target=ROOT / "build/release/katydid-target"
    )
    lab, chance = Lab(options, releases()[0], folder), random.Random(f"{seed}-{mode}")
    world, wrong, tests, counted = None, [], 0, 0
    try:
        has_metrics = not mode.startswith("gevent")
        world = World(lab, MODES[mode], *(["--metrics-port", "0"] if has_metrics else []))
        world.has_metrics = has_metrics
        watch = Watch(world)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            counted += one_test(world, chance)
            tests += 1
            watch.sample()
        wrong = watch.growth()
        world.ends_well()
        return watch.row(mode, tests, counted), wrong
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        logs = "".join(f"\n--- {name}\n{output}" for name, _, output in lab.outputs())
        return f"{mode:20} {tests:5d} {counted:10d} failed", [f"{error}{logs}"]
    finally:
        if world:
            world.close()
        lab.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--mode", choices=MODES, action="append")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    arguments = parser.parse_args()
    modes = arguments.mode or list(MODES)
    seconds = arguments.minutes * 60 / len(modes)
    print(f"seed {arguments.seed}: {len(modes)} modes, {seconds:.0f} s each", flush=True)
    rows, wrong = [], []
    for mode in modes:
        with tempfile.TemporaryDirectory() as folder:
            row, found = soak(mode, seconds, arguments.seed, pathlib.Path(folder))
        print(row, flush=True)
        rows.append(row)
        wrong += [f"{mode}: {each}" for each in found]
    print("", HEADER, *rows, sep="\n")
    print(*wrong, sep="\n")
    print(f"{len(modes) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
