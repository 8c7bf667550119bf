"""Runs an image by itself, as docs/deploy.md says, and compares what it counted with what the target served.

    image_check.py --target-image katydid-target --mount deploy katydid --locustfile /mnt/locust/locustfile.cpp

The container shares the loopback of a target's, and no other network. Two tests without a master: one that ends after
its time, and one that `docker stop` ends, for which katydid is process 1: it has to let its users finish, print its
last table and end with 0, long before it would be killed. In between, the image's healthcheck asks it.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "support"))
from cut_off import cut_off

USERS, SECONDS = 20, 4
GRACE = 15  # of docker stop in compose.yaml


class Failure(Exception):
    pass


def podman(*arguments):
    done = subprocess.run(["podman", *arguments], text=True, capture_output=True)
    if done.returncode != 0:
        raise Failure(f"podman {' '.join(arguments)}: {done.stdout}{done.stderr}".strip())
    return done.stdout.strip()


def log_of(container):
    """What it wrote, tables and log."""
    done = subprocess.run(["podman", "logs", container], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def eventually(condition, what, timeout=30):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"not within {timeout} s: {what}")
        time.sleep(0.2)


class Target:
    def __init__(self, image):
        self.id = podman("run", "--detach", "--network", "none", image)
        self.process = podman("inspect", "--format", "{{.State.Pid}}", self.id)

    def asked(self, path, form=None):
        """In the container's network, where nothing of the machine is heard."""
        script = (
            "import sys, urllib.request; form = sys.argv[2].encode() if sys.argv[2:] else None;"
            "print(urllib.request.urlopen('http://127.0.0.1:8080' + sys.argv[1], form, timeout=10).read().decode())"
        )
        command = ["nsenter", f"--net=/proc/{self.process}/ns/net", sys.executable, "-c", script, path]
        return subprocess.run([*command, *([form] if form is not None else [])], text=True, capture_output=True)

    def wait(self):
        eventually(lambda: self.asked("/hello").returncode == 0, "the target answers")

    def reset(self):
        self.asked("/counts/reset", "")

    def served(self):
        return json.loads(self.asked("/counts").stdout)["completed"]


def counted(log):
    """The number of requests of the last table: "Aggregated   152   0(0.00%) | …"."""
    lines = re.findall(r"^\s*Aggregated +(\d+) +(\d+)\(", log, re.MULTILINE)
    if not lines:
        raise Failure(f"there is no table in its log:\n{log}")
    requests, failures = map(int, lines[-1])
    if failures or not requests:
        raise Failure(f"{requests} requests, {failures} of them failed:\n{log}")
    return requests


def check(title, log, target):
    own, cut, served = counted(log), cut_off(log), target.served()
    difference = "equal" if own == served else f"{served - own} more, of {cut} that were cut off at stop"
    print(f"  {title}: it counted {own} requests, the target {served}: {difference}", flush=True)
    if not own <= served <= own + cut:
        raise Failure(f"requests are lost or invented:\n{log}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target-image", required=True)
    parser.add_argument("--mount", required=True, help="folder of locustfiles, as /mnt/locust")
    parser.add_argument("image")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="for katydid")
    options = parser.parse_args()
    containers = []

    def start(*arguments):
        container = podman(
            *("run", "--detach", "--network", f"container:{target.id}", "--volume", f"{options.mount}:/mnt/locust:ro"),
            *(options.image, *options.arguments, "--headless", "--only-summary", "--host", "http://127.0.0.1:8080"),
            *("-u", str(USERS), "-r", str(USERS), "--stop-timeout", "5", *arguments),
        )
        containers.append(container)
        return container

    def end_code(container):
        return int(podman("inspect", "--format", "{{.State.ExitCode}}", container))

    try:
        print(f"  {podman('run', '--rm', '--network', 'none', options.image, '--version')}", flush=True)
        user = podman("run", "--rm", "--network", "none", "--entrypoint", "id", options.image, "-u")
        if user == "0":
            raise Failure("it runs as root")
        target = Target(options.target_image)
        containers.append(target.id)
        target.wait()

        target.reset()
        timed = start("-t", str(SECONDS))
        podman("wait", timed)
        if code := end_code(timed):
            raise Failure(f"it ended with {code}:\n{log_of(timed)}")
        check("a test of its own time", log_of(timed), target)

        target.reset()
        stopped = start("-t", "600")
        eventually(lambda: target.served() > 50, "its users ask the target", timeout=90)
        first = podman("exec", stopped, "cat", "/proc/1/comm")
        print(f"  {podman('exec', stopped, 'katydid', '--health')}", flush=True)
        podman("healthcheck", "run", stopped)
        began = time.monotonic()
        podman("stop", "--time", str(GRACE), stopped)
        took = time.monotonic() - began
        log = log_of(stopped)
        check(f"stopped as user {user}, process 1 is {first}", log, target)
        print(f"  ended {took:.1f} s after SIGTERM, with exit code {end_code(stopped)}", flush=True)
        if end_code(stopped) != 0 or took > GRACE - 5:
            raise Failure(f"it did not end by itself when it was asked to:\n{log}")
    except (Failure, OSError, ValueError) as problem:
        sys.exit(f"image_check: {options.image}: {problem}")
    finally:
        for container in reversed(containers):
            subprocess.run(["podman", "rm", "--force", "--time", "0", container], stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
