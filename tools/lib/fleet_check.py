"""Drives tests on a fleet through the master's web API and compares its statistics with what the target served.

Requests that a worker reports as cut off at stop are the only difference allowed; and where a worker is killed, what it
had not reported yet. Exits with 1 when there is another.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "support"))
from cut_off import cut_off

REPORT_INTERVAL = 3  # seconds between the reports of a worker


class Failure(Exception):
    pass


def fetch(url, form=None):
    data = None if form is None else urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(url, data, timeout=10) as answer:
        return answer.read()


def fetch_json(url, form=None):
    return json.loads(fetch(url, form))


def eventually(condition, what, timeout):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            if result := condition():
                return result
        except OSError:
            pass  # not listening yet
        time.sleep(0.2)
    raise Failure(f"not within {timeout} s: {what}")


class Container:
    def __init__(self, name):
        self.name = name

    def podman(self, *arguments):
        return subprocess.run(["podman", *arguments], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()

    def log(self):
        done = subprocess.run(["podman", "logs", self.name], check=True, text=True, stdout=-1, stderr=subprocess.STDOUT)
        return done.stdout

    def cut_off(self):
        """Requests that this worker cut off, over all stops of its life."""
        return cut_off(self.log())

    def check_confinement(self):
        user = self.podman("exec", self.name, "id", "-u")
        seccomp = self.podman("exec", self.name, "sed", "-n", "s/^Seccomp:\t//p", "/proc/self/status")
        if user == "0" or seccomp != "2":
            raise Failure(f"{self.name} runs as user {user} with seccomp mode {seccomp}, not confined as Docker does it")

    def kill(self):
        """As `kill -9`, or as a machine that goes: nothing is reported any more."""
        self.podman("kill", "--signal", "KILL", self.name)
        self.podman("wait", self.name)

    def stop(self):
        """As `docker stop`: SIGTERM, and time to finish; returns the exit code."""
        self.podman("stop", "--time", "15", self.name)
        return int(self.podman("inspect", "--format", "{{.State.ExitCode}}", self.name))


class Fleet:
    def __init__(self, options):
        self.master, self.target = options.master.rstrip("/"), options.target.rstrip("/")
        self.users, self.seconds = options.users, options.seconds
        self.workers = [Container(name) for name in options.workers]

    def statistics(self):
        return fetch_json(f"{self.master}/stats/requests")

    def served(self):
        return fetch_json(f"{self.target}/counts")["completed"]

    def wait_for_workers(self, count, state):
        def there():
            return sum(w["state"] == state for w in self.statistics()["workers"]) == count

        eventually(there, f"{count} workers are {state}", timeout=180)

    def shares(self):
        return ", ".join(str(w["user_count"]) for w in self.statistics()["workers"] if w["state"] == "running")

    def start(self):
        fetch(f"{self.target}/counts/reset", {})
        answer = fetch_json(f"{self.master}/swarm", {"user_count": self.users, "spawn_rate": self.users})
        if not answer["success"]:
            raise Failure(f"the master does not start: {answer['message']}")
        self.wait_for_users()

    def wait_for_users(self):
        def all_there():
            now = self.statistics()
            return now["state"] == "running" and now["user_count"] == self.users

        eventually(all_there, f"{self.users} users run", timeout=30)

    def stop(self):
        """Returns the master's statistics after everything has been reported, and what the target served."""
        fetch(f"{self.master}/stop", {})
        eventually(lambda: self.statistics()["state"] == "stopped", "the test is stopped", timeout=30)
        before = None
        while True:
            now = self.statistics(), self.served()
            counts = total(now[0])["num_requests"], now[1]
            if counts == before:
                return now
            before = counts
            time.sleep(REPORT_INTERVAL + 1)

    def most_unreported(self):
        """What a worker can have done since its last report, at the rate of now. Shares of users are equal."""
        before, started = self.served(), time.monotonic()
        time.sleep(1)
        rate = (self.served() - before) / (time.monotonic() - started)
        return round(rate / len(self.workers) * (REPORT_INTERVAL + 1))

    def run(self, title, middle=lambda: 0):
        """What middle() returns may be missing at the master."""
        print(f"\n{title}", flush=True)
        cut_before = sum(w.cut_off() for w in self.workers)
        self.start()
        print(f"  {self.users} users, by worker {self.shares()}", flush=True)
        time.sleep(self.seconds / 2)
        unreported = middle()
        time.sleep(self.seconds / 2)
        statistics, served = self.stop()
        cut = sum(w.cut_off() for w in self.workers) - cut_before
        check(statistics, served, cut, unreported)


def total(statistics):
    return next(entry for entry in statistics["stats"] if entry["name"] == "Aggregated")


def check(statistics, served, cut, unreported):
    entries = [entry for entry in statistics["stats"] if entry["name"] != "Aggregated"]
    for entry in entries:
        name = f"{entry['method']} {entry['name']}"
        print(f"  {name:<20} {entry['num_requests']:>8} requests, median {entry['median_response_time']:.3g} ms")
    counted, failures = total(statistics)["num_requests"], total(statistics)["num_failures"]
    allowed = f"{cut} were cut off at stop" + (f", {unreported} at most unreported" if unreported else "")
    difference = "equal" if counted == served else f"{served - counted} more ({allowed})"
    print(f"  The master counted {counted} requests, the target {served}: {difference}.")
    if failures:
        raise Failure(f"{failures} requests failed: {statistics['errors']}")
    if not counted or counted != sum(entry["num_requests"] for entry in entries):
        raise Failure("the total is not the sum of the entries")
    if not counted <= served <= counted + cut + unreported:
        raise Failure(f"requests are lost or invented: {served - counted} of difference ({allowed})")


def restart_one(fleet):
    """Scaled down and up in the middle of a test: users move to other workers and back, and nothing is lost."""
    one = fleet.workers[-1]
    stop_gracefully(one)
    fleet.wait_for_users()
    start_again(fleet, one)
    return 0


def kill_one_and_stop_another(fleet):
    """What the killed one had not reported is lost, and nothing else. The others take its users when it is missed."""
    killed, stopped = fleet.workers[:2]
    unreported = fleet.most_unreported()
    killed.kill()
    print(f"  {killed.name} killed", flush=True)
    eventually(lambda: any(w["state"] == "missing" for w in fleet.statistics()["workers"]), "it is missed", timeout=60)
    stop_gracefully(stopped)
    start_again(fleet, killed, stopped)
    return unreported


def stop_gracefully(worker):
    started = time.monotonic()
    code = worker.stop()
    print(f"  {worker.name} stopped in {time.monotonic() - started:.1f} s with exit code {code}", flush=True)
    if code != 0:
        raise Failure(f"{worker.name} did not end by itself when it was asked to")


def start_again(fleet, *workers):
    for worker in workers:
        worker.podman("start", worker.name)
    fleet.wait_for_workers(len(fleet.workers), "running")
    fleet.wait_for_users()
    print(f"  started again: users by worker {fleet.shares()}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--master", required=True, help="URL of the web UI")
    parser.add_argument("--target", required=True, help="URL of katydid-target")
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="for each test, with all users")
    parser.add_argument("workers", nargs="+", help="names of the workers' containers")
    fleet = Fleet(parser.parse_args())
    try:
        fleet.wait_for_workers(len(fleet.workers), "ready")
        for worker in fleet.workers:
            worker.check_confinement()
        fleet.run("A test that is started and stopped through the web API")
        fleet.wait_for_workers(len(fleet.workers), "ready")
        fleet.run("The next one, with a worker stopped and started again in its middle", lambda: restart_one(fleet))
        fleet.wait_for_workers(len(fleet.workers), "ready")
        fleet.run("One worker killed, and another stopped", lambda: kill_one_and_stop_another(fleet))
    except (Failure, OSError) as problem:
        sys.exit(f"fleet: {problem}")


if __name__ == "__main__":
    main()
