#!/usr/bin/env python3
"""Records what a real Locust master and a real Locust worker say to each other, as golden bytes for the codec's tests.

    VENV/bin/python tools/record_golden.py [--out tests/protocol/golden]

Run it with the interpreter of the Locust release to record: it starts that release's master and worker on free ports of
the loopback, stands between them as a ZeroMQ proxy, plays one scripted test (custom arguments, tags, an edit while it
runs, failures, exceptions, custom messages, a broken frame, stop, start again, quit) and writes one file for each frame
that is worth keeping: <out>/<version>/<direction>-<type>-<number>.msgpack. Host names and paths are replaced.
"""

import argparse
import collections
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import msgpack
import zmq

LOCUSTFILE = '''
import datetime
from locust import User, constant, events, tag, task


@events.init_command_line_parser.add_listener
def add_arguments(parser):
    parser.add_argument("--api-key", default="", help="a text")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.0)
    parser.add_argument("--verbose-mode", action="store_true")
    parser.add_argument("--region", action="append")


DATA = {
    "integers": [0, 127, 128, 65536, 2**32, 2**63, 2**64 - 1, -1, -32, -33, -129, -32769, -(2**31) - 1, -(2**63)],
    "floats": [0.0, -0.5, 1e300],
    "nothing": None,
    "truth": [True, False],
    "text": "gr\\u00fc\\u00dfe \\U0001f997",
    "long text": "x" * 300,
    "bytes": b"\\x00\\xff",
    "when": datetime.datetime(2026, 1, 31, 10, 0, 0, 250000),
    "by number": {1: "one", 2: {"nested": []}},
    "many": list(range(20)),
}


@events.init.add_listener
def register(environment, **_):
    runner = environment.runner
    name = type(runner).__name__
    if name == "WorkerRunner":
        runner.register_message("greet", lambda environment, msg, **_: runner.send_message("greeted", msg.data))
    else:
        runner.register_message("greeted", lambda environment, msg, **_: runner.send_message("plain", "just a text"))
        events.test_start.add_listener(lambda environment, **_: runner.send_message("greet", DATA))


class Base(User):
    abstract = True
    count = 0

    def fire(self, name, time, size, error=None, method="GET"):
        self.environment.events.request.fire(
            request_type=method, name=name, response_time=time, response_length=size, exception=error, context={})


class Shopper(Base):
    wait_time = constant(0.2)

    @tag("browse")
    @task(3)
    def browse(self):
        self.fire("/items/[id]", 12.34567, 1024)
        self.fire("/fast", 0.37, 54)
        self.fire("/slow", 3432.1, 70000, method="POST")
        self.fire("/never timed", None, 0, method="WS")

    @tag("browse")
    @task
    def fail(self):
        self.fire("/cart", 5.5, 0, ConnectionError("refused \\u00fc"), "PUT")
        self.fire("/cart", 150, 17, "not added", "PUT")
        Base.count += 1
        if Base.count in (1, 4):
            raise ValueError("not my day: \\u20ac 5")

    @tag("never")
    @task
    def never(self):
        raise AssertionError("excluded by its tag")


class Admin(Base):
    weight = 2
    wait_time = constant(0.3)

    @tag("browse")
    @task
    def look(self):
        self.fire("/admin", 7, 3)
'''

KEPT = collections.defaultdict(lambda: 3, {"spawn": 6, "stats": 5, "heartbeat": 4, "client_ready": 3, "exception": 2, "logs": 2})


class Proxy(threading.Thread):
    """ROUTER toward the workers, one DEALER for each identity toward the master; writes down every frame."""

    def __init__(self, master_port):
        super().__init__(daemon=True)
        self.context = zmq.Context()
        self.front = self.context.socket(zmq.ROUTER)
        self.front.setsockopt(zmq.ROUTER_HANDOVER, 1)  # a worker that is told to reconnect comes again at once
        self.port = self.front.bind_to_random_port("tcp://127.0.0.1")
        self.master = f"tcp://127.0.0.1:{master_port}"
        self.backs = {}
        self.frames = []
        self.injected = collections.deque()
        self.running = True

    def back(self, identity):
        if identity not in self.backs:
            socket_ = self.context.socket(zmq.DEALER)
            socket_.setsockopt(zmq.IDENTITY, identity)
            socket_.connect(self.master)
            self.backs[identity] = socket_
        return self.backs[identity]

    def run(self):
        while self.running:
            while self.injected:
                text = self.injected.popleft()
                for identity in self.backs:
                    self.back(identity).send(text)
            poller = zmq.Poller()
            poller.register(self.front, zmq.POLLIN)
            for back in self.backs.values():
                poller.register(back, zmq.POLLIN)
            ready = dict(poller.poll(100))
            if self.front in ready:
                identity, frame = self.front.recv_multipart()
                self.frames.append(("to_master", frame))
                self.back(identity).send(frame)
            for identity, back in list(self.backs.items()):
                if back in ready:
                    frame = back.recv()
                    self.frames.append(("from_master", frame))
                    self.front.send_multipart([identity, frame])
        self.context.destroy(linger=200)


class Web:
    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"

    def call(self, path, form=None, body=None):
        data = body.encode() if body else urllib.parse.urlencode(form).encode() if form else None
        headers = {"Content-Type": "application/json"} if body else {}
        with urllib.request.urlopen(urllib.request.Request(self.base + path, data, headers), timeout=10) as reply:
            return reply.read().decode()

    def stop(self):
        try:
            self.call("/stop")
        except urllib.error.HTTPError as error:  # newer releases want POST
            if error.code != 405:
                raise
            self.call("/stop", body="{}")

    def state(self):
        return json.loads(self.call("/stats/requests"))["state"]

    def wait(self, what, done, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if done():
                    return
            except (urllib.error.URLError, ConnectionError):
                pass
            time.sleep(0.1)
        sys.exit(f"gave up waiting for {what}; --log shows what master and worker said")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def message_type(frame):
    return msgpack.unpackb(frame, strict_map_key=False)[0]


def play(folder, log):
    """The scripted test; returns all frames in the order in which they passed."""
    locustfile = folder / "locustfile.py"
    locustfile.write_text(LOCUSTFILE)
    master_port, web_port = free_port(), free_port()
    proxy, web, started = Proxy(master_port), Web(web_port), []
    proxy.start()

    def locust(*options):
        command = [sys.executable, "-m", "locust", *map(str, options)]
        started.append(subprocess.Popen(command, cwd=folder, stdout=log, stderr=log))
        return started[-1]

    def seen(direction, kind):
        return sum(1 for way, frame in list(proxy.frames) if way == direction and message_type(frame) == kind)

    def wait_for(direction, kind, more=1):
        target = seen(direction, kind) + more
        web.wait(f"{kind} {direction}", lambda: seen(direction, kind) >= target)

    try:
        master = locust(
            "-f", locustfile, "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", master_port,
            "--web-host", "127.0.0.1", "--web-port", web_port, "--class-picker", "--host", "http://target.test",
            "--tags", "browse", "--exclude-tags", "never", "--stop-timeout", "1", "--api-key", "k\u00e4y", "--batch", "7",
            "--share", "0.25", "--verbose-mode", "--region", "eu", "--region", "us")
        worker_options = ["--worker", "--master-host", "127.0.0.1", "--master-port", proxy.port]
        worker = locust("-f", locustfile, *worker_options)
        web.wait("the web UI", lambda: web.call("/stats/requests"))
        web.wait("the worker", lambda: seen("from_master", "ack"))
        classes = [("user_classes", "Shopper"), ("user_classes", "Admin")]

        web.call("/swarm", [("user_count", 6), ("spawn_rate", 2), ("host", "http://other.test"), *classes])
        web.wait("the ramp-up", lambda: web.state() == "running")
        wait_for("to_master", "stats", 2)
        web.call("/swarm", [("user_count", 2), ("spawn_rate", 10), ("host", "http://target.test"), *classes])
        time.sleep(11)  # the worker sends its log lines every ten seconds; 2.20 doesn't know how to
        web.stop()
        wait_for("to_master", "client_ready")
        try:
            web.call("/user", body='{"user_class_name": "Shopper", "host": "http://third.test", "weight": 5, '
                                   '"fixed_count": 0, "tasks": ["browse", "fail"]}')
        except urllib.error.HTTPError as error:
            print(f"no class picker edits in this release ({error})")
        # Bytes after the message make the master ask for a new connection; a frame that ends early would kill its listener.
        proxy.injected.append(msgpack.packb(["heartbeat", None, "x"]) + b"\x00")
        wait_for("from_master", "reconnect")
        wait_for("to_master", "heartbeat", 2)

        web.call("/swarm", [("user_count", 4), ("spawn_rate", 4), ("host", ""), *classes])
        wait_for("to_master", "stats", 2)
        second = locust("-f", "-", *worker_options)
        time.sleep(6)
        if second.poll() is None:
            second.send_signal(signal.SIGTERM)
            wait_for("to_master", "quit")
        master.send_signal(signal.SIGINT)
        worker.wait(timeout=30)
        master.wait(timeout=30)
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
            process.wait()
        time.sleep(0.5)
        proxy.running = False
        proxy.join()
    return proxy.frames


class Anonymiser:
    """Replaces the host's name and paths in the texts of a frame; everything else stays byte for byte."""

    def __init__(self, folder):
        prefixes = {str(folder): "/srv/load", sys.prefix: "/opt/locust", sys.base_prefix: "/usr"}
        self.texts = [(socket.gethostname(), "worker-host"), *sorted(prefixes.items(), key=lambda item: -len(item[0]))]
        self.ids = {}

    def text(self, value):
        for old, new in self.texts:
            value = value.replace(old, new)
        return re.sub(r"\b\d+\.\d+\.\d+\.\d+(?=:\d+)", "127.0.0.1", value)

    def walk(self, value):
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.walk(item) for item in value]
        if isinstance(value, dict):
            return {self.walk(key): self.walk(item) for key, item in value.items()}
        return value

    def frame(self, frame):
        content = msgpack.unpackb(frame, strict_map_key=False)
        if msgpack.packb(content) != frame:
            sys.exit("this msgpack does not reproduce Locust's bytes: nothing can be replaced in them")
        return msgpack.packb(self.walk(content))


def keep(frames):
    """The first few frames of each type in each direction, and the last one."""
    by_kind = collections.defaultdict(list)
    for direction, frame in frames:
        by_kind[direction, message_type(frame)].append(frame)
    kept = []
    for (direction, kind), list_ in by_kind.items():
        count = KEPT[kind]
        chosen = list_ if len(list_) <= count else [*list_[: count - 1], list_[-1]]
        kept += [(f"{direction}-{kind}-{number:02}", frame) for number, frame in enumerate(chosen, 1)]
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, help="default: tests/protocol/golden of this repository",
                        default=pathlib.Path(__file__).resolve().parent.parent / "tests/protocol/golden")
    parser.add_argument("--log", type=pathlib.Path, help="where the output of master and worker goes", default=None)
    options = parser.parse_args()

    version = subprocess.check_output([sys.executable, "-m", "locust", "--version"], text=True).split()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with open(options.log or folder / "log", "wb") as log:
            frames = play(folder, log)
        anonymiser = Anonymiser(folder)
        target = options.out / version
        target.mkdir(parents=True, exist_ok=True)
        for old in target.glob("*.msgpack"):
            old.unlink()
        kept = keep(frames)
        for stem, frame in kept:
            (target / f"{stem}.msgpack").write_bytes(anonymiser.frame(frame))
    print(f"locust {version}: {len(frames)} frames passed, {len(kept)} kept in {target}")


if __name__ == "__main__":
    main()
