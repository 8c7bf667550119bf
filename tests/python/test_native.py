"""The extension module by itself: requests, statistics, cookies, the end of things."""

from __future__ import annotations

import gc
import json
import sys
import time
import weakref
from collections.abc import Callable, Generator
from typing import Any

import pytest
from katydid import _native
from katydid.client import Headers

Run = Callable[..., None]


class Asker:
    """A client whose requests are waited for."""

    def __init__(self, engine: _native.Engine, run: Run, base_url: str, **settings: Any) -> None:
        self.statistics = _native.Statistics()
        self.client = _native.Client(engine, self.statistics, base_url, **settings)
        self._run = run

    def ask(self, method: str, url: str, **options: Any) -> _native.Response:
        done: list[_native.Response] = []
        self.client.start(method, url, done.append, **options)
        self._run(lambda: done)
        return done[0]

    def echo(self, method: str = "GET", url: str = "/echo", **options: Any) -> dict[str, Any]:
        echoed: dict[str, Any] = json.loads(self.ask(method, url, **options).body)
        return echoed


@pytest.fixture
def asker(engine: _native.Engine, run: Run, target: str) -> Asker:
    return Asker(engine, run, target)


def entry(statistics: _native.Statistics, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(e for e in statistics.take()["stats"] if e["name"] == name)
    return found


def test_an_answer_has_its_parts(asker: Asker, target: str) -> None:
    response = asker.ask("GET", "/hello")
    assert (response.status, response.reason, response.ok, response.error) == (200, "OK", True, None)
    assert len(response.body) == 54
    assert response.url == f"{target}/hello"
    assert ("Content-Length", "54") in response.headers
    assert response.header("content-length") == "54"
    assert response.header("X-None") is None
    assert 0 < response.elapsed < 5


def test_a_request_has_what_it_was_given(asker: Asker) -> None:
    echo = asker.echo(
        "post", params={"q": "a b"}, headers=[("X-One", "1"), ("x-two", b"2"), ("Accept", None)], body=b"\x00text",
        content_type="text/x", cookies={"c": "d"}, auth=("ann", "secret"),
    )  # fmt: skip
    headers = {name.lower(): value for name, value in echo["headers"]}
    assert echo["method"] == "POST"
    assert echo["target"] == "/echo?q=a+b"
    assert (headers["x-one"], headers["x-two"], headers["content-type"]) == ("1", "2", "text/x")
    assert (headers["cookie"], headers["authorization"]) == ("c=d", "Basic YW5uOnNlY3JldA==")
    assert "accept" not in headers
    assert headers["content-length"] == "5"


def test_requests_wait_for_the_hosts_flush(asker: Asker, engine: _native.Engine, run: Run) -> None:
    asked: list[Callable[[], None]] = []
    engine.flush_by(asked.append)
    done: list[_native.Response] = []
    for _ in range(3):
        asker.client.start("GET", "/hello", done.append)
    assert len(asked) == 1
    asked.pop()()
    run(lambda: len(done) == 3)
    asker.client.start("GET", "/hello", done.append)
    assert len(asked) == 1, "it is asked again once there is something more"
    asked.pop()()
    run(lambda: len(done) == 4)


@pytest.mark.parametrize(
    "arguments",
    [
        (3, "http://h/", "/", b"", None, ()),
        ("GET", "http://h/", "/", b"", 3, ()),
        ("GET", "http://h/", "/", b"", None, (), "soon"),
        ("GET",),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: Any) -> None:
    with pytest.raises(TypeError):
        _native.Asked(*arguments)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"headers": 3}, TypeError),
        ({"headers": [("a", "b", "c")]}, TypeError),
        ({"headers": {"a": 1}}, TypeError),
        ({"body": 3}, TypeError),
        ({"timeout": "soon"}, TypeError),
        ({"timeout": 0}, ValueError),
        ({"auth": "ann"}, TypeError),
        ({"colour": "red"}, TypeError),
    ],
)
def test_a_wrong_argument_is_refused(asker: Asker, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        asker.client.start("GET", "/hello", lambda _: None, **options)
    assert asker.client.in_flight == 0


def test_settings_count_from_the_next_request_on(asker: Asker, target: str) -> None:
    asker.client.headers = {"X-Mine": "yes"}  # type: ignore[assignment]
    asker.client.user_agent = "tester"
    headers = dict(asker.echo()["headers"])
    assert (headers["X-Mine"], headers["User-Agent"]) == ("yes", "tester")
    asker.client.base_url = f"{target}/status"
    assert asker.ask("GET", "/404").status == 404


def test_the_headers_of_a_client_are_a_mapping_that_changes_it(asker: Asker) -> None:
    headers = asker.client.headers
    headers["Authorization"] = "Bearer one"
    headers.update({"X-Mine": "yes", "authorization": "Bearer two"})
    sent = {name.lower(): value for name, value in asker.echo()["headers"]}
    assert (sent["authorization"], sent["x-mine"]) == ("Bearer two", "yes")
    assert (headers["AUTHORIZATION"], "x-MINE" in headers, len(headers)) == ("Bearer two", True, 2)
    assert dict(asker.client.headers) == {"authorization": "Bearer two", "X-Mine": "yes"}
    del asker.client.headers["x-mine"]
    with pytest.raises(KeyError):
        del asker.client.headers["x-mine"]
    assert "X-Mine" not in dict(asker.echo()["headers"])
    with pytest.raises(TypeError, match="headers must be str or bytes, not int"):
        headers["X-Number"] = 3  # type: ignore[assignment]
    asker.client.headers = headers
    assert asker.ask("GET", "/echo", headers=headers).ok
    asker.client.headers = None  # type: ignore[assignment]
    assert not asker.client.headers


def test_headers_of_an_answer_are_found_by_name() -> None:
    headers = Headers([("Set-Cookie", "a=1"), ("X-One", "1"), ("set-cookie", "b=2")])
    assert (headers["SET-COOKIE"], headers.get("nope"), list(headers)) == ("a=1, b=2", None, ["Set-Cookie", "X-One"])
    assert headers.multi_items()[2] == ("set-cookie", "b=2")
    assert len(headers) == 2


def test_what_goes_wrong_is_in_the_answer(asker: Asker, engine: _native.Engine, run: Run) -> None:
    answer = asker.ask("GET", "/status/404")
    assert (answer.ok, answer.error_kind) == (False, "HTTPError")
    assert answer.error == "HTTPError('404 Client Error: Not Found for url: /status/404')"
    refused = Asker(engine, run, "http://127.0.0.1:1").ask("GET", "/")
    assert (refused.status, refused.error_kind) == (0, "ConnectionRefusedError")
    started = time.monotonic()
    late = asker.ask("GET", "/hang", timeout=0.2)
    assert late.error_kind == "Timeout"
    assert 0.15 < time.monotonic() - started < 2
    assert asker.ask("GET", "no scheme://").error_kind is not None


def test_redirects_leave_a_history_when_it_is_asked_for(asker: Asker) -> None:
    response = asker.ask("GET", "/redirect/2?status=302", keep_history=True)
    assert [(hop.status, hop.reason) for hop in response.history] == [(302, "Found"), (302, "Found")]
    assert response.history[0].url.endswith("/redirect/2?status=302")
    assert response.history[1].header("Location") == "/hello"
    assert (response.redirects, response.url[-6:]) == (2, "/hello")
    assert asker.ask("GET", "/redirect/2").history == []
    assert asker.ask("GET", "/redirect/1", allow_redirects=False).status == 302


def test_statistics_are_those_of_a_locust_worker(asker: Asker) -> None:
    for _ in range(3):
        asker.ask("GET", "/hello", name="greeting")
    asker.ask("GET", "/status/500")
    taken = asker.statistics.take()
    greeting, failed = sorted(taken["stats"], key=lambda e: -e["num_requests"])
    assert (greeting["method"], greeting["name"], greeting["num_requests"]) == ("GET", "greeting", 3)
    assert greeting["total_content_length"] == 3 * 54
    assert sum(greeting["response_times"].values()) == sum(greeting["num_reqs_per_sec"].values()) == 3
    assert greeting["min_response_time"] <= greeting["total_response_time"] / 3 <= greeting["max_response_time"]
    assert failed["num_failures"] == sum(failed["num_fail_per_sec"].values()) == 1
    assert taken["stats_total"]["name"] == "Aggregated"
    assert taken["stats_total"]["num_requests"] == 4
    (error,) = taken["errors"].values()
    assert (error["name"], error["occurrences"]) == ("/status/500", 1)
    assert asker.statistics.take()["stats"] == []


def test_what_others_did_is_recorded_by_hand() -> None:
    statistics = _native.Statistics("locust")
    statistics.record("WS", "say", 12.4, 7)
    statistics.record("WS", "say", None, 0, error="gone")
    say = entry(statistics, "say")
    assert (say["num_requests"], say["num_none_requests"], say["num_failures"]) == (2, 1, 1)
    assert say["response_times"] == {12: 1}
    statistics.record("WS", "say", 1, 0)
    statistics.clear()
    assert statistics.take()["stats"] == []
    with pytest.raises(ValueError, match="rounding"):
        _native.Statistics("none")


def test_a_caught_response_is_recorded_as_it_was_judged(asker: Asker) -> None:
    bad = asker.ask("GET", "/hello", name="bad", catch_response=True)
    bad.failure("not today")
    bad.record()
    good = asker.ask("GET", "/status/404", name="good", catch_response=True)
    good.success()
    del good
    with pytest.raises(RuntimeError, match="catch_response"):
        bad.success()
    with pytest.raises(RuntimeError, match="catch_response"):
        asker.ask("GET", "/hello").failure("no")
    taken = asker.statistics.take()
    assert {e["name"]: e["num_failures"] for e in taken["stats"] if e["name"] != "/hello"} == {"bad": 1, "good": 0}
    (error,) = taken["errors"].values()
    assert error["error"] == "CatchResponseError('not today')"


def test_a_caught_response_outlives_everything_else(engine: _native.Engine, run: Run, target: str) -> None:
    asker = Asker(engine, run, target)
    response = asker.ask("GET", "/hello", catch_response=True)
    statistics = weakref.ref(asker)
    del asker
    gc.collect()
    assert statistics() is None
    response.success()
    response.record()


def test_a_cancelled_request_is_no_sample(asker: Asker, run: Run) -> None:
    called: list[object] = []
    request = asker.client.start("GET", "/hang", called.append)
    asker.ask("GET", "/hello")
    assert (request.under_way, asker.client.in_flight) == (True, 1)
    request.cancel()
    request.cancel()
    assert (request.under_way, asker.client.in_flight) == (False, 0)
    asker.ask("GET", "/hello")
    assert called == []
    assert [e["name"] for e in asker.statistics.take()["stats"]] == ["/hello"]
    assert asker.statistics.take_cut_off() == [("GET", "/hang", 1)]
    assert asker.statistics.take_cut_off() == []


def test_a_request_needs_nobody_to_hold_it(engine: _native.Engine, run: Run, target: str) -> None:
    done: list[_native.Response] = []
    _native.Client(engine, None, target).start("GET", "/delay/50", done.append)
    gc.collect()
    run(lambda: done)
    assert done[0].status == 200


def test_callbacks_go_on_with_the_next_request(asker: Asker, run: Run) -> None:
    statuses: list[int] = []

    def again(response: _native.Response) -> None:
        statuses.append(response.status)
        if len(statuses) < 100:
            asker.client.start("GET", "/hello", again)

    asker.client.start("GET", "/hello", again)
    run(lambda: len(statuses) == 100)
    assert entry(asker.statistics, "/hello")["num_requests"] == 100


def test_an_exception_of_a_callback_stops_nothing(
    asker: Asker, run: Run, monkeypatch: pytest.MonkeyPatch, engine: _native.Engine
) -> None:
    seen: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: seen.append(unraisable.exc_value))

    def fails(_: object) -> None:
        raise RuntimeError("mine")

    def interrupts(_: object) -> None:
        raise KeyboardInterrupt

    asker.client.start("GET", "/hello", fails)
    run(lambda: seen)
    assert str(seen[0]) == "mine"
    asker.client.start("GET", "/hello", interrupts)
    with pytest.raises(KeyboardInterrupt):
        run(lambda: False)
    assert asker.ask("GET", "/hello").status == 200


def test_poll_does_not_nest(asker: Asker, engine: _native.Engine, run: Run) -> None:
    seen: list[str] = []

    def nests(_: object) -> None:
        with pytest.raises(RuntimeError, match="poll"):
            engine.poll()
        seen.append("refused")

    asker.client.start("GET", "/hello", nests)
    run(lambda: seen)


def test_close_cancels_all_that_is_under_way(asker: Asker, engine: _native.Engine) -> None:
    requests = [asker.client.start("GET", "/hang", lambda _: None) for _ in range(50)]
    engine.close()
    assert not any(request.under_way for request in requests)
    assert asker.client.in_flight == 0


def test_what_is_done_or_cancelled_is_freed(asker: Asker, run: Run) -> None:
    class Callback:
        def __call__(self, _: object) -> None:
            pass

    done, cancelled = Callback(), Callback()
    references = weakref.ref(done), weakref.ref(cancelled)
    asker.client.start("GET", "/hello", done)
    asker.client.start("GET", "/hang", cancelled).cancel()
    del done, cancelled
    asker.ask("GET", "/hello")
    run(lambda: asker.client.in_flight == 0)
    assert [reference() for reference in references] == [None, None]


def test_cookies_are_kept(asker: Asker, target: str) -> None:
    cookies = asker.client.cookies
    asker.ask("GET", "/cookies/set?a=1&Path=/&HttpOnly")
    assert (len(cookies), cookies.get("a"), cookies.get("b")) == (1, "1", "")
    cookies.set("b", "2", target)
    assert cookies.store("c=3; Path=/elsewhere", f"{target}/elsewhere/x")
    assert json.loads(asker.ask("GET", "/cookies").body) == {"cookies": [["a", "1"], ["b", "2"]]}
    assert cookies.header(f"{target}/elsewhere/") == "c=3; a=1; b=2"
    listed = {name: (value, path, http_only) for name, value, _, path, _, _, http_only, _ in cookies.list()}
    assert listed == {"a": ("1", "/", True), "b": ("2", "/", False), "c": ("3", "/elsewhere", False)}
    assert cookies.delete("a") == 1
    cookies.clear()
    assert len(cookies) == 0
    with pytest.raises(ValueError, match="URL"):
        cookies.set("a", "1", "no url")


def test_timeout_tells_when_a_timer_is_due(asker: Asker, engine: _native.Engine) -> None:
    request = asker.client.start("GET", "/hang", lambda _: None, timeout=5)
    timeout = engine.timeout()
    assert timeout is not None
    assert 4 < timeout <= 5
    request.cancel()


def test_unbatched_is_the_generator_of_what_is_in_batches() -> None:
    ended = []

    def batches() -> Generator[list[int]]:
        try:
            yield [1, 2]
            yield []
            yield [3]
        except KeyError:
            yield [4]
        finally:
            ended.append(True)

    assert list(_native.Unbatched(batches())) == [1, 2, 3]
    assert ended.pop()
    items = _native.Unbatched(batches())
    assert isinstance(items, Generator)
    assert next(items) == 1
    del items
    assert ended.pop()
    items = _native.Unbatched(batches())
    assert (items.send(None), items.send("no matter"), next(items)) == (1, 2, 3)
    assert items.throw(KeyError()) == 4
    items.close()
    assert list(items) == []
    texts = ["one\n\ntwo", "", "\n", "ß\n\nein\n😀", "last\r\n"]
    lines = ["one", "", "two", "", "ß", "", "ein", "😀", "last\r"]
    assert list(_native.Unbatched(text for text in texts)) == lines
    with pytest.raises(TypeError, match="generator"):
        _native.Unbatched([[1]])  # type: ignore[arg-type]


def test_an_unknown_event_loop_is_refused() -> None:
    with pytest.raises(ValueError, match="epoll"):
        _native.Engine("kqueue2")
