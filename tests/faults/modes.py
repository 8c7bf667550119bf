"""The kinds of users that the lab runs, and how a worker of each is started."""

from dataclasses import dataclass, field
from pathlib import Path

from harness.lab import ROOT

LOCUSTFILES = Path(__file__).resolve().parent / "locustfiles"
PYTHON = ROOT / ".venv" / "python" / "bin" / "python"
PACKAGE = ROOT / "build" / "release" / "python"


@dataclass(frozen=True)
class Mode:
    name: str
    user_class: str
    file: str
    environment: dict = field(default_factory=dict)

    @property
    def in_python(self):
        return self.file.endswith(".py")

    def command(self, lab, file=None):
        program = [PYTHON, "-m", "katydid"] if self.in_python else [lab.katydid]
        return [*program, "-f", file or LOCUSTFILES / self.file]

    def worker(self, lab, port, *options, host="127.0.0.1", before=(), environment=None, file=None, name="worker"):
        """`before` is what runs it: `prlimit` and the like."""
        master = ["--worker", "--master-host", host, "--master-port", port]
        paths = {"PYTHONPATH": str(PACKAGE)} if self.in_python else {}
        environment = {**paths, **self.environment, **(environment or {})}
        return lab.run(name, [*before, *self.command(lab, file), *master, *options], environment)


MODES = {
    mode.name: mode
    for mode in (
        Mode("cpp-HttpUser", "CurlUser", "users.cpp"),
        Mode("cpp-FastHttpUser", "FastUser", "users.cpp"),
        Mode("gevent-HttpUser", "PlainUser", "plain.py"),
        Mode("gevent-FastHttpUser", "PlainFastUser", "plain.py"),
        Mode("asyncio", "CoroutineUser", "coroutines.py", {"LAB_LOOP": "asyncio"}),
        Mode("trio", "CoroutineUser", "coroutines.py", {"LAB_LOOP": "trio"}),
    )
}
