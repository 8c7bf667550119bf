"""An unmodified Locust master from pip, headless or driven through its web API."""
import json

import requests

from ports import free_port

from .process import Process
from .wait import eventually

VERSION_OF_POST_STOP = (2, 47)  # older masters take GET /stop


class Master(Process):
    """`options` go to Locust's command line; with `run` (such as "-u 5 -r 5 -t 4s") the master is headless.

    A second locustfile, record.py, adds a page to its web interface and writes its last statistics to a file.
    """

    def __init__(self, lab, name, locustfile, users=(), run=None, options=(), port=None, extra_files=()):
        self.version = tuple(int(part) for part in lab.release.split("."))
        self.port = port or free_port()
        self.web = f"http://127.0.0.1:{free_port()}"
        self._final = lab.folder / f"{name}.json"
        files = [lab.locustfile(locustfile, ".py"), *(lab.locustfile(f, ".py") for f in extra_files)]
        command = [lab.locust, "-f", ",".join(map(str, [*files, lab.locustfile("record", ".py")])), "--master"]
        command += ["--master-bind-host", "127.0.0.1", "--master-bind-port", self.port]
        if run is None:
            command += ["--web-host", "127.0.0.1", "--web-port", self.web.rsplit(":", 1)[1]]
        else:
            command += ["--headless", "--only-summary", *run.split()]
        super().__init__(name, [*command, *options, *users], lab.folder, {"RECORD_TO": str(self._final)})
        self._session = requests.Session()
        self._headless = run is not None

    def wait_until_it_answers(self):
        """At once for one that is headless."""
        if self._headless:
            return
        self.wait_for_output("Starting web interface", timeout=90)
        eventually(self._answers, "the web interface answers")

    def _answers(self):
        try:
            return self._session.get(f"{self.web}/stats/requests", timeout=5).ok
        except requests.ConnectionError:
            return False

    def _get(self, path):
        response = self._session.get(self.web + path, timeout=20)
        response.raise_for_status()
        return response.json()

    # -- what a person does in the web interface
    def swarm(self, users, rate, host=None, **form):
        data = {"user_count": users, "spawn_rate": rate, **form}
        if host is not None:
            data["host"] = host
        answer = self._session.post(f"{self.web}/swarm", data=data, timeout=20).json()
        assert answer["success"], answer

    def stop(self):
        method = "POST" if self.version >= VERSION_OF_POST_STOP else "GET"
        assert self._session.request(method, f"{self.web}/stop", timeout=90).json()["success"]

    # -- what a person sees there, up to two seconds late
    def report(self):
        return self._get("/stats/requests")

    def exceptions(self):
        return self._get("/exceptions")["exceptions"]

    def worker_logs(self):
        """Log lines by worker id; masters before 2.23 have none."""
        return self._get("/logs")["workers"]

    # -- what the master knows at this moment
    def now(self):
        return self._get("/now")

    @property
    def users(self):
        return self.now()["user_count"]

    @property
    def requests(self):
        return self.now()["total"]["num_requests"]

    def entries(self):
        """The entries that had requests, by name."""
        return {e["name"]: e for e in self.now()["entries"] if e["num_requests"]}

    def wait_for_workers(self, count, state="ready", timeout=60.0):
        def there():
            workers = [w for w in self.now()["workers"] if w["state"] == state]
            return len(workers) == count and workers

        return eventually(there, f"{count} worker(s) are {state}", timeout)

    def wait_for_users(self, count, timeout=30.0):
        eventually(lambda: self.users == count, f"the master counts {count} users", timeout)

    def wait_for_requests(self, at_least, timeout=30.0):
        eventually(lambda: self.requests >= at_least, f"the master counts {at_least} requests", timeout)

    def wait_for_state(self, state, timeout=30.0):
        eventually(lambda: self.now()["state"] == state, f"the master's state is {state}", timeout)

    # -- what it knew in the end
    def final(self, timeout=60.0):
        """now() as the master quit; waits for its end."""
        self.wait(timeout)
        return json.loads(self._final.read_text())
