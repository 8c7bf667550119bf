"""Locustfiles that are elsewhere: with the master, or on a server."""
import functools
import http.server
import threading

import pytest
from ports import free_port

from harness.wait import eventually

pytestmark = pytest.mark.katydid

HEADER = """#pragma once
inline const char* path() { return "/hello"; }
"""
USERS = """#include <katydid/katydid.hpp>

#include "lib/path.hpp"

struct ShippedUser : katydid::FastHttpUser {
  katydid::task<> hello() { co_await client.get(path()); }
};
KATYDID_USER(ShippedUser).wait_time(katydid::constant(std::chrono::milliseconds(10))).task<&ShippedUser::hello>();
"""


@pytest.fixture
def users(tmp_path):
    folder = tmp_path / "users"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "path.hpp").write_text(HEADER)
    (folder / "users.cpp").write_text(USERS)
    return folder / "users.cpp"


@pytest.mark.core
def test_a_worker_takes_its_locustfile_from_the_master(lab, users):
    if tuple(int(part) for part in lab.release.split(".")[:2]) < (2, 23):
        pytest.skip("this release's master hands out no locustfile")
    printed = lab.printed_locustfile(users)
    users.unlink()  # only the master has it now
    target = lab.target()
    worker = lab.run("worker", [lab.katydid, "-f", "-", "--worker", "--master-port", (port := free_port())])
    master = lab.master(printed, port=port)
    master.wait_for_workers(1)
    master.swarm(2, rate=10, host=target.url)
    master.wait_for_requests(20)
    master.stop()
    assert set(master.entries()) == {"/hello"}
    assert master.requests == target.completed_of("/hello")
    assert worker.alive


def test_a_masters_locustfile_without_cpp_is_told(lab):
    master = lab.master("load")
    worker = lab.run("worker", [lab.katydid, "-f", "-", "--master-port", master.port])
    assert worker.wait(30) == 1
    assert "the master's locustfile 'load.py', 'record.py' holds no C++" in worker.output()
    assert "--master-locustfile" in worker.output()


def test_only_workers_have_a_master(lab):
    process = lab.run("katydid", [lab.katydid, "-f", "-", "--headless", "-t", "1s"])
    assert process.wait(30) == 1
    assert "-f - takes the locustfile from the master, so it is for workers alone" in process.output()


@pytest.fixture
def server(tmp_path):
    """A web server over the test's folder."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_locustfile_at_a_url(lab, users, server):
    users.write_text(USERS.replace('#include "lib/path.hpp"', HEADER.replace("#pragma once\n", "")))
    process = lab.run("katydid", [lab.katydid, "-f", f"{server}/users/users.cpp?version=3", "--list"])
    assert process.wait(60) == 0
    assert "ShippedUser" in process.output()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("{server}/users/nosuch.cpp", "can't be fetched: the server answers 404"),
        ("{server}/users/lib/path.hpp", "is no C++ locustfile: its name must end with '.cpp'"),
        ("http://127.0.0.1:9/users.cpp", "can't be fetched: "),
        ("ftp://127.0.0.1/users.cpp", "a locustfile's URL begins with http:// or https://"),
        ("{server}/users/users.cpp", "users.cpp does not compile"),  # it includes what is not at hand
    ],
)
def test_a_url_that_is_no_locustfile(url, words, lab, users, server):
    process = lab.run("katydid", [lab.katydid, "-f", url.format(server=server), "--list"])
    assert process.wait(60) == 1
    assert words in process.output()
    eventually(lambda: not process.alive, "it has ended")
