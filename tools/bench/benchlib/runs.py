"""One run of one load generator: what it cost, and what the master got of it."""

import csv
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import time

from benchlib.machine import free_port, locust, pinned
from benchlib.peers import Peers


def wait_for_ports(most=10_000, patience=70):
    """Until few connections of earlier runs are in TIME_WAIT: a search for a free port is no work of the client."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with open("/proc/net/sockstat") as table:
            fields = next(line for line in table if line.startswith("TCP:")).split()
        if int(fields[fields.index("tw") + 1]) < most:
            return
        time.sleep(1)


def peak_memory(pid):
    """KiB, or 0 when the process is over. (What wait4 says includes this program, of which the process was a fork.)"""
    with open(f"/proc/{pid}/status") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)


class Runs:
    """`cores` are the client's; the master gets those of `others`."""

    def __init__(self, directory, peers, target, seconds, cores="0", others="1"):
        self._directory, self._peers, self._target, self._seconds = directory, peers, target, seconds
        self._cores, self._others = cores, others
        self._log = open(directory / "log", "a+b")

    def _client(self, command, environment):
        """User and system seconds of the command and its children, and its own peak memory in MiB."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        client = subprocess.Popen(pinned(self._cores, command), stdout=self._log, stderr=self._log,
                                  env={**os.environ, **environment})  # fmt: skip
        memory = 0
        while client.poll() is None:
            memory = peak_memory(client.pid) or memory
            time.sleep(0.2)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime, memory / 1024

    def _master(self, users, port, prefix):
        command = [locust(), "-f", self._peers.master_file, "--master", "--headless", "--expect-workers", "1",
                   "-u", users, "-r", users, "-t", f"{self._seconds}s", "--host", self._target.host,
                   "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--csv", prefix, "--only-summary"]  # fmt: skip
        master = subprocess.Popen(pinned(self._others, command), stdout=self._log, stderr=self._log)
        time.sleep(2)
        return master

    def _cut_off(self, start):
        """Requests that the client says it has cut off at stop, in what was logged from there on."""
        self._log.seek(start)
        return sum(int(count) for count in re.findall(rb"(\d+) requests? (?:was|were) cut off at stop", self._log.read()))

    def _give_up(self, peer, requests, start):
        """Ends the program with what was logged from there on: such a figure says nothing."""
        self._log.seek(start)
        log = self._log.read().decode(errors="replace")[-2000:]
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {peer} made {requests} requests\n{log}")

    def measure(self, peer, users, shards=1):
        """One run: a row of figures."""
        wait_for_ports()
        prefix, port = self._directory / f"{peer}-{users}", free_port()
        command, environment = self._peers.command(peer, self._target.host, users, self._seconds, port, shards)
        master = self._master(users, port, prefix) if Peers.needs_master(peer) else None
        before, logged = self._target.served(), self._log.seek(0, os.SEEK_END)
        user, system, memory = self._client(command, environment)
        time.sleep(0.3)
        requests = self._target.served() - before
        if requests < users:
            self._give_up(peer, requests, logged)
        row = {"requests": requests, "cpu": 1e6 * (user + system) / max(requests, 1), "user": 1e6 * user / max(requests, 1),
               "rate": requests / self._seconds, "memory": memory, "missing": None, "failed": None,
               "cut": self._cut_off(logged)}  # fmt: skip
        if master:
            try:
                master.wait(timeout=30)
            except subprocess.TimeoutExpired:
                master.send_signal(signal.SIGTERM)
                master.wait()
            with open(f"{prefix}_stats.csv") as table:
                total = [line for line in csv.DictReader(table) if line["Name"] == "Aggregated"][-1]
            counted = int(total["Request Count"]) * self._peers.mix.answers
            row |= {"missing": requests - counted, "failed": int(total["Failure Count"])}
        return row

    def rounds(self, peers, users, count):
        """The rows of each peer, who take turns."""
        rows = {peer: [] for peer in peers}
        for number in range(count):
            for peer in peers:
                rows[peer].append({"users": users, "peer": peer, "round": number + 1, **self.measure(peer, users)})
        return [row for rounds in rows.values() for row in rounds]
