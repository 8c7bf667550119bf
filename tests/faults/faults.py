"""What can happen to a worker's world: the faults, and the moments at which they happen."""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.wait import eventually

A_REPORT = 500  # bytes of a message that can be nothing else
BROKE = r"the connection to the master( at \S+)? broke"


SWALLOW_ORDERS = (
    "a hole to the master, then a reset",
    "an order cut in its middle",
    "a reset by the master",
    "a master that refuses",
)


def _nothing(world):
    pass


@dataclass(frozen=True)
class Fault:
    name: str
    begin: Callable  # (world, chance)
    lasts: tuple[float, float]  # seconds, at least and at most
    end: Callable = _nothing  # (world), before all is healed
    of_the_target: bool = False
    deserved: tuple[str, ...] = ()  # patterns of log lines that rightly tell of it


def _reset_master(world):
    world.to_master.reset()


def _reset_target(world):
    world.to_target.reset()


def _gone(proxy):
    proxy.refuse()
    proxy.reset()


def _stopped(name):
    """Suspends a process, and lets it go on."""
    return (
        lambda world, chance: getattr(world, name).signal(signal.SIGSTOP),
        lambda world: getattr(world, name).signal(signal.SIGCONT),
    )


_stop_worker, _go_on_worker = _stopped("worker")
_stop_master, _go_on_master = _stopped("master")
_stop_target, _go_on_target = _stopped("target")

FAULTS = {
    fault.name: fault
    for fault in (
        # -- the link to the master
        Fault("a slow master", lambda w, c: w.to_master.delay(c.uniform(0.05, 0.4)), (2, 5)),
        Fault("a narrow link to the master", lambda w, c: w.to_master.throttle(c.randrange(5_000, 50_000)), (2, 6)),
        Fault("a short stall to the master", lambda w, c: w.to_master.stall(), (0.5, 2.5)),
        Fault("reports that stall", lambda w, c: w.to_master.stall(down=False), (0.5, 2.5)),
        Fault("orders that stall", lambda w, c: w.to_master.stall(up=False), (0.5, 2.5)),
        Fault("a long stall to the master", lambda w, c: w.to_master.stall(), (5, 9)),
        Fault("a reset by the master", lambda w, c: w.to_master.reset(), (0.1, 1), deserved=(BROKE,)),
        Fault(
            "a report cut in its middle",
            lambda w, c: w.to_master.cut(c.randrange(1, A_REPORT), down=False, at_least=A_REPORT), (3.5, 4.5),
            deserved=(BROKE,),
        ),
        Fault("a frame to the master cut", lambda w, c: w.to_master.cut(c.randrange(1, 40), down=False), (1, 3),
              deserved=(BROKE,)),
        Fault("an order cut in its middle", lambda w, c: w.to_master.cut(c.randrange(1, 20), up=False), (1, 3),
              deserved=(BROKE,)),
        Fault("a master that refuses", lambda w, c: _gone(w.to_master), (1, 8), deserved=(BROKE,)),
        Fault("a hole to the master, then a reset", lambda w, c: w.to_master.stall(), (2, 9), _reset_master,
              deserved=(BROKE,)),
        # -- the link to the target
        Fault("a slow target", lambda w, c: w.to_target.delay(c.uniform(0.02, 0.4)), (2, 4), of_the_target=True),
        Fault("a narrow link to the target", lambda w, c: w.to_target.throttle(c.randrange(500, 20_000)), (2, 4),
              of_the_target=True),
        Fault("a stall to the target", lambda w, c: w.to_target.stall(), (0.5, 4), of_the_target=True),
        Fault("a target that resets", lambda w, c: w.to_target.reset(), (0.1, 1), of_the_target=True),
        Fault("an answer cut in its middle", lambda w, c: w.to_target.cut(c.randrange(1, 200), up=False), (0.5, 1),
              of_the_target=True),
        Fault("a request cut in its middle", lambda w, c: w.to_target.cut(c.randrange(1, 60), down=False), (0.5, 1),
              of_the_target=True),
        Fault("a target that refuses", lambda w, c: _gone(w.to_target), (0.5, 3), of_the_target=True),
        Fault("a hole to the target, then a reset", lambda w, c: w.to_target.stall(), (1, 4), _reset_target,
              of_the_target=True),
        # -- processes
        Fault("a worker that sleeps a little", _stop_worker, (0.5, 2), _go_on_worker),
        Fault("a worker that sleeps for long", _stop_worker, (5, 8), _go_on_worker),
        Fault("a master that sleeps", _stop_master, (1, 6), _go_on_master),
        Fault("a target that sleeps", _stop_target, (0.5, 3), _go_on_target),
    )
}  # fmt: skip


def _ramping_up(world, chance):
    world.swarm(rate=5)
    time.sleep(chance.uniform(0.5, 3))


def _at_full_load(world, chance):
    world.at_full_load()
    time.sleep(chance.uniform(0, 1))


def _reporting(world, chance):
    world.at_full_load()
    before = world.to_master.up.bytes
    eventually(lambda: world.to_master.up.bytes > before + A_REPORT, "a report is sent", every=0.002)


MOMENTS = {
    "idle": lambda world, chance: None,
    "ramp-up": _ramping_up,
    "full load": _at_full_load,
    "reporting": _reporting,
    "stopping": _at_full_load,
    "quit": _at_full_load,
}
"""What leads to each."""


def possible(fault, moment):
    """A master that quits waits half a second for the last report: what comes later is lost, and no worker's doing.

    Nor are orders sent again: a stop that a broken connection has swallowed is lost, and users go on.
    """
    if moment == "stopping":
        return fault.name not in SWALLOW_ORDERS
    return moment != "quit" or fault.of_the_target


class Happening:
    """A fault that begins now, and ends by itself."""

    def __init__(self, fault, world, chance):
        self._fault, self._world = fault, world
        fault.begin(world, chance)
        self._timer = threading.Timer(chance.uniform(*fault.lasts), self._end)
        self._timer.start()

    def _end(self):
        self._fault.end(self._world)
        self._world.heal()

    def wait(self):
        self._timer.join()
