"""A scenario: one fault, at one moment, in one mode, with what chance decides in it."""

import random
from dataclasses import dataclass

import judge
from faults import FAULTS, MOMENTS, Happening, possible
from modes import MODES
from world import World


@dataclass(frozen=True)
class Scenario:
    fault: str
    moment: str
    mode: str
    seed: int

    def __str__(self):
        return f"{self.fault} / {self.moment} / {self.mode} / {self.seed}"

    @staticmethod
    def parse(text):
        fault, moment, mode, seed = (part.strip() for part in text.split(" / "))
        return Scenario(fault, moment, mode, int(seed))

    @property
    def command(self):
        return f".venv/tests/bin/python -m pytest tests/faults/test_scenarios.py --scenario '{self}'"


def drawn(seed):
    """Scenarios without end; each fault, moment and mode comes once before any comes again."""
    chance = random.Random(seed)

    def shuffled(table):
        while True:
            yield from chance.sample(list(table), len(table))

    faults, moments, modes = shuffled(FAULTS), shuffled(MOMENTS), shuffled(MODES)
    for fault in faults:
        moment = next(moments)
        while not possible(FAULTS[fault], moment):
            moment = next(moments)
        yield Scenario(fault, moment, next(modes), chance.randrange(2**32))


def run(scenario, lab):
    world = World(lab, MODES[scenario.mode])
    try:
        _run(scenario, world)
    finally:
        world.close()


def _run(scenario, world):
    chance = random.Random(scenario.seed)
    fault = FAULTS[scenario.fault]
    MOMENTS[scenario.moment](world, chance)
    happening = Happening(fault, world, chance)
    if scenario.moment == "quit":
        _quit(world, fault)
        happening.wait()
        return
    if scenario.moment == "stopping":
        world.master.stop()
    happening.wait()
    world.known_again()
    world.stop()
    world.judge(not fault.of_the_target)
    world.works_as_before()
    world.ends_well(fault.deserved)


def _quit(world, fault):
    world.master.terminate()
    assert world.worker.wait(10) == 0
    now, counts = world.master.final(), world.target.counts()
    found = judge.complaints(now, counts, world.worker.output(), not fault.of_the_target)
    assert not found, "\n".join(found)
