"""Locust's words on users of asyncio and Trio: each scenario is run by Locust's FastHttpUser, too, and must be counted
under the same names with the same failures."""

from __future__ import annotations

import base64
import json
import pathlib
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
import trio
from katydid import _native, asyncio_backend, poisson, trio_backend
from katydid.wait_time import constant_throughput
from recording_target import RecordingTarget, running

from .command.test_command import katydid, needs_locust, write

BASES = ("AsyncUser", "TrioUser")
HTTP_ERROR = "HTTPError('500 Server Error: Oh no for url: 500 with JSON')"

COROUTINES = """\
import json
from katydid import {base} as Base, StopUser, task
from contextlib import asynccontextmanager as contextmanager

class Shopper(Base):
    @task
    async def shop(self):
{scenario}
        seen = self.environment.statistics.take()
        entries = [[each["method"], each["name"], each["num_requests"]] for each in seen["stats"]]
        errors = [[each["method"], each["name"], each["error"]] for each in seen["errors"].values()]
        print("SEEN", json.dumps([entries, errors]))
        self.environment.quit()
        raise StopUser
{members}"""
LOCUST = """\
import json
from locust import FastHttpUser as Base, task
from contextlib import contextmanager; from locust.exception import StopUser

class Shopper(Base):
    @task
    def shop(self):
{scenario}
        stats = self.environment.stats
        entries = [[each.method, each.name, each.num_requests] for each in stats.entries.values()]
        errors = [[each.method, each.name, each.to_dict()["error"]] for each in stats.errors.values()]
        print("SEEN", json.dumps([entries, errors]))
        self.environment.runner.quit()
        raise StopUser
{members}"""

RENAMING = """
with self.client.rename_request("renamed"):
    await self.client.get("/hello?1")
    await self.client.get("/hello?2", name="own")
    await self.client.get("/hello?3", headers={"X-A": "1"})
    with self.client.rename_request("inner"):
        await self.client.post("/hello?4", data="x")
    await self.client.get("/hello?5")
try:
    with self.client.rename_request("raising"):
        await self.client.get("/hello?6")
        raise ValueError
except ValueError:
    pass
await self.client.get("/hello?7")
self.client.request_name = "set"
await self.client.request("PUT", "/hello?8", data="x")
self.client.request_name = None
await self.client.get("/hello?9")
with self.client.rename_request("judged"):
    async with self.client.get("/hello?10", catch_response=True) as resp:
        resp.failure("no")
with self.client.rename_request("rest"):
    async with self.rest("GET", "/json") as resp:
        assert resp.js["legs"] == 6
assert self.client.request_name is None
"""

REST = """
async with self.rest("POST", "/echo", json={"a": [1]}) as resp:
    assert resp.js == {"a": [1]}
async with self.rest("GET", "/json", name="good", params={"q": "1"}) as resp:
    assert resp.js["legs"] == 6
async with self.rest("GET", "/json", {"accept": "text/plain", "CONTENT-type": "a/b"}, name="own headers") as resp:
    pass
async with self.rest("GET", "/hello", name="no JSON") as resp:
    assert resp.js is None
async with self.rest("GET", "/hello", name="no JSON, but right") as resp:
    resp.success()
async with self.rest("GET", "/status/204", name="empty") as resp:
    assert resp.js is None
async with self.rest("GET", "/status/404", name="missing") as resp:
    pass
async with self.rest("GET", "/status/500?body={}", name="500 with JSON") as resp:
    assert resp.js == {}
async with self.rest("GET", "/json", name="asserted,") as resp:
    assert resp.js["legs"] == 8, "how many legs?,"
async with self.rest("GET", "/json", name="asserted") as resp:
    assert resp.js["legs"] == 8, "how many legs?"
async with self.rest("GET", "/json", name="asserted barely") as resp:
    assert resp.js["legs"] == 8
async with self.rest("GET", "/json", name="raising") as resp:
    resp.js["wings"]
async with self.rest("GET", "/json", name="raising nothing") as resp:
    raise ValueError
async with self.rest("GET", "/json", name="stopping") as resp:
    raise StopUser
async with self.rest("GET", "/json", name="raising in a function") as resp:
    self.count_wings(resp)
async with self.rest("GET", "/json", name="failed") as resp:
    resp.failure("not today")
async with self.rest("GET", "/json", name="failed, then right") as resp:
    resp.failure("not today")
    resp.success()
async with self.rest("GET", "/json", name="success, then raising") as resp:
    resp.success()
    raise ValueError("late")
async with self.rest_("GET", "/json") as resp:
    assert resp.js["legs"] == 6
async with self.rest_("GET", "/json?q=1") as resp:
    assert resp.js["legs"] == 6
async with self.rest_("GET", "/json", name="timed") as resp:
    resp.failure("mine")
async with self.strict_rest("GET", '/echo', data='{"error": "no bread"}', name="strict") as resp:
    assert resp.js["error"] == "no bread"
async with self.strict_rest("GET", "/json", name="strict and raising") as resp:
    resp.js["wings"]
"""
REST_MEMBERS = """
@contextmanager
async def strict_rest(self, *arguments, **options):
    async with self.rest(*arguments, **options) as resp:
        if resp.js and "error" in resp.js:
            resp.failure(resp.js["error"])
        yield resp

def count_wings(self, resp):
    return resp.js["wings"]
"""


@pytest.fixture(scope="module")
def recording() -> Iterator[RecordingTarget]:
    yield from running()


def indented(text: str, width: int) -> str:
    return textwrap.indent(text.strip("\n"), " " * width)


def seen_in(output: str, folder: pathlib.Path) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], str]]:
    """Requests by method and name, and what the failures say."""
    found = re.search(r"^SEEN (.*)$", output, re.M)
    assert found, output
    entries, errors = json.loads(found.group(1))

    def tidy(error: str) -> str:
        error = re.sub(r"\S*/(locust/user/users|contextlib)\.py:\d+ in \w+, ", "", error)
        error = error.replace("LocustBadStatusCode(code=500)", HTTP_ERROR)  # requests' words, as for all users here
        return error.replace(str(folder), "").replace("/locust.py", "/users.py")

    return {(method, name): count for method, name, count in entries}, {
        (method, name): tidy(error) for method, name, error in errors
    }


def run(base: str, scenario: str, members: str, target: RecordingTarget, folder: pathlib.Path) -> Any:
    """What was counted, and what the target has seen."""
    target.take()
    text = (LOCUST if base == "locust" else COROUTINES).replace("{base}", base)
    text = text.replace("{scenario}", indented(scenario, 8)).replace("{members}", indented(members, 4) + "\n")
    options = ("--headless", "-u", "1", "-t", "20s", "--host", target.url)
    if base == "locust":
        file = write(folder, "locust.py", re.sub(r"\b(async|await) ", "", text))
        done = subprocess.run(
            [sys.executable, "-m", "locust", "-f", file, *options],
            capture_output=True, text=True, timeout=60, check=False, cwd="/",
        )  # fmt: skip
        output = done.stdout + done.stderr
    else:
        _, output = katydid("-f", write(folder, "users.py", text), *options, folder=folder)
    heads = [
        (each.method, re.sub("_=[0-9]+", "_=…", each.target), each.header("Content-Type"), each.header("Accept"))
        for each in target.take()
    ]
    return *seen_in(output, folder), heads


@needs_locust
@pytest.mark.parametrize("base", BASES)
def test_rename_request_names_what_locust_names(base: str, recording: RecordingTarget, tmp_path: pathlib.Path) -> None:
    entries, errors, _ = run(base, RENAMING, "", recording, tmp_path)
    assert (entries, errors) == run("locust", RENAMING, "", recording, tmp_path)[:2]
    assert entries["GET", "renamed"] == 2
    assert entries["GET", "/hello?5"] == entries["GET", "/hello?7"] == entries["GET", "/hello?9"] == 1
    assert errors == {("GET", "judged"): "CatchResponseError('no')"}


@needs_locust
@pytest.mark.parametrize("base", BASES)
def test_rest_judges_as_locust_does(base: str, recording: RecordingTarget, tmp_path: pathlib.Path) -> None:
    entries, errors, heads = run(base, REST, REST_MEMBERS, recording, tmp_path)
    locust_entries, locust_errors, locust_heads = run("locust", REST, REST_MEMBERS, recording, tmp_path)
    assert entries == locust_entries
    assert errors == locust_errors
    assert [head[:2] for head in heads] == [head[:2] for head in locust_heads]
    assert heads[0] == ("POST", "/echo", "application/json", "application/json")
    assert heads[2] == ("GET", "/json", "a/b", "text/plain")
    assert set(entries.values()) == {1}
    assert "users.py:" in errors["GET", "raising in a function"]
    assert "in count_wings" in errors["GET", "raising in a function"]


@pytest.mark.parametrize("base", BASES)
def test_rest_without_an_answer(base: str, recording: RecordingTarget, tmp_path: pathlib.Path) -> None:
    scenario = """
async with self.rest("GET", "/close", name="closed") as resp:
    assert resp.js is None
async with self.rest("GET", "http://127.0.0.1:1/", name="refused") as resp:
    resp.js["a"]
"""
    entries, errors, _ = run(base, scenario, "", recording, tmp_path)
    assert entries == {("GET", "closed"): 1, ("GET", "refused"): 1}
    assert "CatchResponseError" not in errors["GET", "closed"]
    assert "Response was None" in errors["GET", "refused"]


def test_other_responses_have_no_js(recording: RecordingTarget) -> None:
    async def main(client: Any) -> None:
        response = await client.get("/json")
        with pytest.raises(AttributeError, match=r"only a response of rest\(\) has `js`"):
            response.js  # noqa: B018
        response.js = response.json()
        assert response.js["legs"] == 6
        del response.js
        assert not hasattr(response, "js")

    on_client("asyncio", main, recording.url)


def on_client(loop: str, main: Any, base_url: str, statistics: Any = None) -> None:
    async def hosted() -> None:
        backend: Any = asyncio_backend if loop == "asyncio" else trio_backend
        await main(backend.client_here(statistics, base_url))

    if loop == "asyncio":
        import asyncio

        asyncio.run(hosted())
    else:
        trio.run(hosted)


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_name_counts_for_all_tasks_of_its_user(loop: str, recording: RecordingTarget) -> None:
    statistics = _native.Statistics()

    async def main(client: Any) -> None:
        async def ask(number: int) -> None:
            assert (await client.get(f"/delay/10?{number}")).status == 200

        with client.rename_request("together"):
            if loop == "asyncio":
                import asyncio

                await asyncio.gather(*(ask(number) for number in range(3)))
            else:
                async with trio.open_nursery() as nursery:
                    for number in range(3):
                        nursery.start_soon(ask, number)
        await ask(4)
        for wrong in (None, 3):
            with pytest.raises(TypeError, match="name must be str or bytes"):
                client.rename_request(wrong)
        with pytest.raises(TypeError):
            client.request_name = 3
        client.request_name = ""
        assert client.request_name is None

    on_client(loop, main, recording.url, statistics)
    counts = {each["name"]: each["num_requests"] for each in statistics.take()["stats"]}
    assert counts == {"together": 3, "/delay/10?4": 1}


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_caught_response_may_be_renamed(loop: str, recording: RecordingTarget) -> None:
    statistics = _native.Statistics()

    async def main(client: Any) -> None:
        async with client.get("/hello?7", catch_response=True) as response:
            response.rename("/hello/[id]")
            response.set_response_time(1500)
            for wrong in (-1, float("nan"), float("inf"), 1e300):
                with pytest.raises(ValueError, match="a response time is not negative"):
                    response.set_response_time(wrong)
            for wrong in (None, 3):
                with pytest.raises(TypeError):
                    response.rename(wrong)
            with pytest.raises(TypeError):
                response.set_response_time("long")
        plain = await client.get("/hello")
        with pytest.raises(RuntimeError, match="catch_response"):
            plain.rename("no")

    on_client(loop, main, recording.url, statistics)
    entries = {each["name"]: each for each in statistics.take()["stats"]}
    assert entries.keys() == {"/hello/[id]", "/hello"}
    assert entries["/hello/[id]"]["total_response_time"] == 1500


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("ann%40x:se%3Acret", "ann@x:se:cret"),
        ("ann:p%C3%BC%2Fb", "ann:pü/b"),
        ("ann:", "ann:"),
        (":secret", ":secret"),
        ("ann", None),
    ],
)
def test_credentials_in_urls_are_decoded(loop: str, written: str, sent: str | None, recording: RecordingTarget) -> None:
    url = recording.url.replace("http://", f"http://{written}@")
    expected = sent and "Basic " + base64.b64encode(sent.encode()).decode()

    async def of_the_base(client: Any) -> None:
        assert (await client.get("/hello")).status == 200

    async def its_own(client: Any) -> None:
        assert (await client.get(url + "/hello")).status == 200
        assert (await client.get(url + "/hello", auth=("bob", "b"))).status == 200
        assert (await client.get("/hello")).status == 200

    recording.take()
    on_client(loop, of_the_base, url)
    assert [each.header("Authorization") for each in recording.take()] == [expected]
    on_client(loop, its_own, recording.url)
    assert [each.header("Authorization") for each in recording.take()] == [expected, "Basic Ym9iOmI=", None]


STOPPING = """
from katydid import {base}, StopTest, StopUser, TaskSet, constant, task

class Base({base}):
    abstract = True
    wait_time = constant(0.05)
    @task
    async def hello(self):
        await self.client.get("/hello")
    async def on_stop(self):
        print("on_stop")

class InTask(Base):
    @task
    async def hello(self):
        await self.client.get("/hello")
        raise StopTest("out of stock")

class InSet(Base):
    @task
    class Inner(TaskSet):
        @task
        async def hello(self):
            raise StopTest("out of stock")
    tasks = [Inner]

class InGroup(Base):
    @task
    async def hello(self):
        raise ExceptionGroup("several", [ValueError(), ExceptionGroup("more", [StopTest("out of stock")])])

class OnStart(Base):
    async def on_start(self):
        raise StopTest("out of stock")

class InWait(Base):
    def wait_time(self):
        raise StopTest("out of stock")

class InInit(Base):
    def __init__(self, environment):
        super().__init__(environment)
        raise StopTest("out of stock")
"""


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("where", ["InTask", "InSet", "InGroup", "OnStart", "InWait", "InInit"])
def test_stop_test_ends_the_test(base: str, where: str, target: str, tmp_path: pathlib.Path) -> None:
    file = write(tmp_path, "users.py", STOPPING.format(base=base))
    options = ("-u", "3", "-r", "3", "-t", "50s", "--host", target)
    code, output = katydid("-f", file, where, "--headless", *options, folder=tmp_path)
    assert code == 0, output
    assert output.count(f"out of stock (a user of class {where} has raised StopTest)") == 1
    assert "Stopping the test" in output
    assert "--run-time limit reached" not in output
    assert "Traceback" not in output
    assert output.count("on_stop\n") == (0 if where == "InInit" else 3)


def test_waits_of_poisson_are_as_long_as_they_should_be_on_average() -> None:
    wait_time = poisson(50)
    waits = [wait_time(None) for _ in range(20_000)]
    assert min(waits) >= 0
    assert sum(waits) / len(waits) == pytest.approx(1 / 50, rel=0.1)
    assert sum(each < 0.02 for each in waits) / len(waits) == pytest.approx(0.632, abs=0.05)
    for none in (0, -1, float("nan")):
        with pytest.raises(ValueError, match=r"poisson\(\) needs a rate above 0"):
            poisson(none)
        with pytest.raises(ValueError, match=r"constant_throughput\(\) needs a rate above 0"):
            constant_throughput(none)


@pytest.mark.parametrize("base", BASES)
def test_who_listens_to_requests_keeps_no_user(base: str, recording: RecordingTarget, tmp_path: pathlib.Path) -> None:
    text = f"""
import gc
from katydid import {base}, StopUser, constant, events, task
asked = []

@events.request.add_listener
def request(**keywords):
    asked.append(keywords["name"])

@events.test_stop.add_listener
def test_stop(**_):
    gc.collect()
    print("LEFT", sum(isinstance(each, Once) for each in gc.get_objects()), len(asked))

class Once({base}):
    wait_time = constant(0)

    @task
    async def ask(self):
        await self.client.get("/hello")
        raise StopUser
"""
    file = write(tmp_path, "users.py", text)
    options = ("--headless", "-u", "20", "-r", "20", "-t", "2s", "--host", recording.url)
    _, output = katydid("-f", file, *options, folder=tmp_path)
    assert "LEFT 0 20" in output
