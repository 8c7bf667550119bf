"""Makes masters, workers and targets for one test and ends them all after it."""
import pathlib

from .master import Master
from .process import Process
from .target import Target

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent


class Lab:
    def __init__(self, options, release, folder):
        self.release = release
        self.folder = folder
        self.worker_kind = options.worker
        self.katydid = pathlib.Path(options.katydid)
        self._target_program = pathlib.Path(options.target)
        self._processes = []

    @property
    def locust(self):
        return ROOT / ".venv" / f"locust-{self.release}" / "bin" / "locust"

    def locustfile(self, name, suffix):
        """A name of locustfiles/ without its suffix, or a path that is taken as it is."""
        if isinstance(name, pathlib.Path):
            return name
        return HERE / "locustfiles" / f"{name}{suffix}"

    def _named(self, name):
        taken = sum(p.name.rstrip("0123456789") == name for p in self._processes)
        return name if not taken else f"{name}{taken + 1}"

    def _keep(self, process):
        self._processes.append(process)
        return process

    def target(self):
        return self._keep(Target(self._target_program, self._named("target"), self.folder))

    def master(self, locustfile, **arguments):
        master = self._keep(Master(self, self._named("master"), locustfile, **arguments))
        master.wait_until_it_answers()
        return master

    def worker(self, locustfile, port, options=(), kind=None, environment=None, name=None):
        """A worker that runs the users of `locustfile`: katydid, or the Python worker of the same release."""
        kind = kind or self.worker_kind
        program, suffix = (self.katydid, ".cpp") if kind == "katydid" else (self.locust, ".py")
        command = [program, "-f", self.locustfile(locustfile, suffix), "--worker"]
        command += ["--master-host", "127.0.0.1", "--master-port", port, *options]
        return self.run(name or "worker", command, environment)

    def run(self, name, command, environment=None, cwd=None):
        """Any other program; name it for the logs."""
        cache = {"XDG_CACHE_HOME": str(ROOT / "build" / "conformance-cache")}
        environment = {**cache, **(environment or {})}
        return self._keep(Process(self._named(name), command, self.folder, environment, cwd))

    def printed_locustfile(self, locustfile, environment=None):
        """The file that --master-locustfile prints to standard output."""
        process = self.run(
            "printer", ["sh", "-c", '"$0" -f "$1" --master-locustfile >printed.py', self.katydid,
                        self.locustfile(locustfile, ".cpp")], environment,
        )  # fmt: skip
        assert process.wait(120) == 0
        return self.folder / "printed.py"

    def close(self):
        for process in reversed(self._processes):
            process.kill()

    def outputs(self):
        """(name, command, last part of the output) of each process, for the report of a failed test."""
        for p in self._processes:
            yield p.name, " ".join(p.command), p.output()[-6000:]
