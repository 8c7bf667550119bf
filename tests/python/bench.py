"""A target, a real master and workers in Python, for one test."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from harness import conservation
from harness.lab import Lab
from harness.releases import releases
from harness.wait import eventually as eventually

from .conftest import ROOT, TARGET

HERE = pathlib.Path(__file__).parent
USERS = HERE / "locustfiles" / "users.py"
PYTHONPATH = str(ROOT / "build" / "release" / "python")


class Bench:
    """A target, a master and a worker in Python."""

    def __init__(self, lab: Any, loop: str) -> None:
        self.lab = lab
        self.environment = {"TEST_LOOP": loop, "PYTHONPATH": PYTHONPATH}
        self.target = lab.target()

    def run(self, name: str, *options: Any, file: pathlib.Path = USERS) -> Any:
        return self.lab.run(name, [sys.executable, "-m", "katydid", "-f", file, *options], self.environment)

    def printed(self, file: pathlib.Path = USERS) -> pathlib.Path:
        """The locustfile for a master."""
        printer = self.run("printer", "--master-locustfile", file=file)
        assert printer.wait() == 0, printer.output()
        printed: pathlib.Path = self.lab.folder / "printed.py"
        printed.write_text(printer.output())
        return printed

    def master(self, *users: str, file: pathlib.Path = USERS, **arguments: Any) -> Any:
        return self.lab.master(self.printed(file), users=users, **arguments)

    def worker(self, master: Any, *options: Any, file: pathlib.Path = USERS) -> Any:
        return self.run("worker", "--worker", "--master-port", master.port, *options, file=file)

    def start(self, *users: str, count: int, **arguments: Any) -> tuple[Any, Any]:
        master = self.master(*users, **arguments)
        worker = self.worker(master)
        master.wait_for_workers(1)
        master.swarm(count, rate=count, host=self.target.url)
        master.wait_for_users(count)
        return master, worker

    def check(self, total: dict[str, Any], worker: Any, extra: int = 0) -> None:
        """`extra` requests were reported that the target has not seen."""
        conservation.check(total["num_requests"] - extra, self.target, worker)


@contextmanager
def opened(loop: str, folder: pathlib.Path) -> Iterator[Bench]:
    """Ends what it has started, and prints what that has said, for a test that fails."""
    options = SimpleNamespace(worker="katydid", katydid=TARGET.parent / "katydid", target=TARGET)
    lab = Lab(options, releases()[0], folder)
    yield Bench(lab, loop)
    for name, command, output in lab.outputs():
        print(f"--- {name}: {command}\n{output}")
    lab.close()
