"""A target, a master and a worker with a proxy on each link: the world that faults happen to."""

import itertools
import os
import signal
import time

import judge
from harness.wait import eventually
from modes import LOCUSTFILES
from proxy import Proxy

USERS = 16
MASTER_FILE = LOCUSTFILES / "master.py"
LEAK = 12  # descriptors: libraries open a few as they go, and 16 users have a connection each
ALWAYS_DESERVED = (
    r"cut off at stop",
    r"were on their way",
    r"No io_uring here",
    r"loop lag|the machine|CPU usage",  # the tests share their cores
    r"its TCP segments again|\(steal\)",
    r"Not all users finished",
    r"open file limit",
    r"The loop is blocked by (run|get_events|select),",  # it waits for a core, which the watch can't tell from a block
)
"""Whatever the fault is."""


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def memory(pid):
    """Resident bytes."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class World:
    def __init__(self, lab, mode, *worker_options, address="127.0.0.1", users=USERS, classes=(), **worker_arguments):
        """The worker comes by that address, and Mode.worker() takes what else is given."""
        self.lab, self.mode, self.users = lab, mode, users
        self._worker_options = worker_options
        self._worker_arguments = {"host": address, **worker_arguments}
        self.target = lab.target()
        self.to_target = Proxy(int(self.target.url.rpartition(":")[2]), listen_on=address)
        self.master = lab.master(MASTER_FILE, users=classes or [mode.user_class])
        self.to_master = Proxy(self.master.port, listen_on=address, watched_for=b"heartbeat")
        self.workers = []
        self.worker = self.start_worker()
        eventually(self._is_ready, "the worker is ready", timeout=120)
        time.sleep(1)
        self.descriptors_before = descriptors(self.worker.pid)

    def start_worker(self):
        self.worker = self.mode.worker(self.lab, self.to_master.port, *self._worker_options, **self._worker_arguments)
        self.workers.append(self.worker)
        return self.worker

    def _is_ready(self):
        assert self.worker.alive, f"the worker ended with {self.worker.exit_code}"
        return [w["state"] for w in self.master.now()["workers"]] == ["ready"]

    def close(self):
        self.to_target.close()
        self.to_master.close()

    # -- what a test does
    @property
    def longest_gap(self):
        """Seconds between two heartbeats, as they came by."""
        times = self.to_master.up.seen_at
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)

    def swarm(self, users=None, rate=100, host=None):
        """Users send through the proxy, unless there is another host."""
        self.master.swarm(users or self.users, rate=rate, host=host or self.to_target.url)

    def at_full_load(self):
        self.swarm()
        self.master.wait_for_users(self.users)
        self.wait_for_requests(30)

    def wait_for_requests(self, more):
        wanted = self.target.counts()["started"] + more
        eventually(lambda: self.target.counts()["started"] >= wanted, f"{more} more requests at the target")

    def heal(self):
        self.to_target.heal()
        self.to_master.heal()

    def known_again(self, timeout=75.0):
        """The master has the worker, and what was ordered before the fault is over or goes on."""
        last = None

        def steady():
            nonlocal last
            now = self.master.now()
            states = [w["state"] for w in now["workers"]]
            looks = (now["state"], *states)
            good = states in (["ready"], ["running"]) and now["state"] not in ("spawning", "stopping")
            before, last = last, looks if good else None
            return good and before == looks

        eventually(steady, "the master has its worker, ready or running", timeout, every=1.2)

    def stop(self):
        """Whoever has stopped it: nobody runs any more."""
        if self.master.now()["state"] in ("running", "spawning"):
            self.master.stop()
        self.master.wait_for_workers(1, timeout=75)
        eventually(lambda: self.master.users == 0, "no user is left")

    def sleeps(self, process, seconds):
        """As a machine that is suspended, or a debugger that holds it."""
        process.signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.signal(signal.SIGCONT)

    def recovers(self, timeout=75.0, target_is_clean=True):
        """The fault is over: the test that ran is counted, and so is another one."""
        self.known_again(timeout)
        self.stop()
        self.judge(target_is_clean)
        self.works_as_before()

    def goes_on_failing(self, error):
        """Some users fail for that reason and say so, the others go on, and so do the heartbeats."""
        self.swarm()
        self.master.wait_for_users(self.users)
        errors = eventually(lambda: self.master.now()["errors"], "failures are reported")
        assert all(error in each for *_, each, _ in errors), errors
        self.wait_for_requests(50)
        self.stop()
        self.judge(target_is_clean=False)
        assert self.longest_gap < 2.5

    def judge(self, target_is_clean=True):
        return judge.check(self.master, self.target, self.workers, target_is_clean)

    def works_as_before(self):
        """A second test, of which every request is counted, without a failure."""
        self.target.reset()
        log_before = len(self.worker.output())
        self.at_full_load()
        self.stop()
        now = judge.check(self.master, self.target, [_Rest(self.worker, log_before)])
        assert now["total"]["num_failures"] == 0

    def ends_well(self, allowed=(), seconds=10.0):
        """Nothing has leaked, the log accuses nobody, and the worker leaves with its master."""
        most = self.descriptors_before + LEAK
        eventually(
            lambda: descriptors(self.worker.pid) <= most, f"the worker has closed what it opened: {most} at most"
        )
        self.master.terminate()
        assert self.worker.wait(seconds) == 0
        found = judge.accusations(self.worker.output(), (*ALWAYS_DESERVED, *allowed))
        assert not found, "\n".join(found)


class _Rest:
    """A process's output from some place on."""

    def __init__(self, process, begin):
        self._process, self._begin = process, begin

    def output(self):
        return self._process.output()[self._begin :]
