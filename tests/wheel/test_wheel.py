"""An installed wheel, where neither this tree nor its libraries can be seen: tools/wheel --check."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python" / "masters"))
from fixtures import processes, target
from real_master import LOCUSTFILES, Processes, ended
from test_masters import HEADLESS, answered

__all__ = ["processes", "target"]  # fixtures

WHEEL = os.environ.get("KATYDID_WHEEL", "")
PYTHON = os.environ.get("KATYDID_WHEEL_PYTHON", "python3")
OF_THE_SYSTEM = r"(linux-vdso|ld-linux\S*|libc|libm|libdl|librt|libpthread|libresolv|libz|libgcc_s|libstdc\+\+)\.so"
"""What a wheel for manylinux may take from the machine."""
OF_THE_TOOLCHAIN = ("/c++/", "/lib/gcc/", "/lib/clang/", "/bits/", "/sys/", "/gnu/", "/asm", "/linux/")

pytestmark = pytest.mark.skipif(not WHEEL, reason="no wheel: tools/wheel --check names one")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([PYTHON, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, f"{WHEEL}[locust,trio]"], check=True, cwd=folder)
    return folder


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    for name in ("PYTHONPATH", "LD_LIBRARY_PATH", "KATYDID_PROGRAM", "CPATH", "CPLUS_INCLUDE_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def package(environment: pathlib.Path) -> pathlib.Path:
    return next(environment.glob("lib/python3*/site-packages/katydid"))


def test_its_libraries_are_its_own(environment: pathlib.Path) -> None:
    folder = package(environment)
    for binary in (folder / "bin" / "katydid", next(folder.glob("_native*.so"))):
        lines = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout.splitlines()
        others = [line for line in lines if str(folder.parent) not in line]
        assert [line for line in others if not re.search(OF_THE_SYSTEM, line)] == []
        assert any("libcurl" in line for line in lines)


def test_masters_get_their_goals_from_it(environment: pathlib.Path, tmp_path: pathlib.Path) -> None:
    goals = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "goals.py"
    katydid = environment / "bin" / "katydid"
    printed = tmp_path / "goals.py"
    with printed.open("wb") as file:
        subprocess.run([katydid, "--print-goals"], check=True, stdout=file)
    assert printed.read_bytes() == goals.read_bytes()
    users = "from locust import User, task\n\nclass Nobody(User):\n    @task\n    def nothing(self): ...\n"
    (tmp_path / "locustfile.py").write_text(users)
    locust = [environment / "bin" / "locust", "-f", "locustfile.py,goals.py", "--fail-if", "p99 > 1s", "--list"]
    assert "Nobody" in subprocess.run(locust, check=True, capture_output=True, text=True).stdout


def test_it_says_that_no_worker_is_here(environment: pathlib.Path) -> None:
    asked = [environment / "bin" / "katydid", "--health", str(os.getpid())]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no worker here" in done.stderr


@pytest.mark.parametrize("file", ["mixed.cpp", "mixed_gevent.py", "mixed_asyncio.py", "mixed_trio.py"])
def test_runs_every_kind_of_locustfile(
    target: object, processes: Processes, environment: pathlib.Path, tmp_path: pathlib.Path, file: str
) -> None:
    master = processes.master("mixed_gevent.py", target.url, *HEADLESS, "1")
    own = tmp_path / file
    own.write_bytes((LOCUSTFILES / file).read_bytes())
    command = [str(environment / "bin" / "katydid"), "-f", str(own), "--worker", "--master-port", str(processes.port)]
    assert ended(processes.start(command, "worker"), 90) == 0, processes.text("worker")
    ended(master)
    assert processes.totals() == answered(target)
    assert processes.totals()["Aggregated"] > 100


def test_a_locustfile_in_cpp_needs_its_headers_and_the_compilers_only(
    environment: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    command = [environment / "bin" / "katydid", "-f", LOCUSTFILES / "mixed.cpp", "--list"]
    subprocess.run(command, check=True)
    included = next((tmp_path / "cache" / "katydid").glob("*.includes")).read_text().split()
    strangers = [file for file in included if not file.startswith(str(package(environment)))]
    assert len(included) > len(strangers) > 0
    libc = re.compile(r"/usr/include/[a-z0-9_-]+\.h")
    assert [
        file for file in strangers if not (any(part in file for part in OF_THE_TOOLCHAIN) or libc.fullmatch(file))
    ] == []
