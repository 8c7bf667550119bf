"""--otel, received by the types of OpenTelemetry's own package: users in C++, on asyncio and on Trio."""

from __future__ import annotations

import pathlib
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness.table import last_table
from recording_target import RecordingTarget

from ..bench import HERE, PYTHONPATH, Bench, eventually, opened

otlp_receiver = pytest.importorskip("otlp_receiver")  # its packages are not there for each CPython that is tested
OtlpReceiver, attributes, traceparent = otlp_receiver.OtlpReceiver, otlp_receiver.attributes, otlp_receiver.traceparent

FILE = HERE / "locustfiles" / "traced"
MODES = ["cpp", "asyncio", "trio"]
NO_SPANS = {"OTEL_TRACES_EXPORTER": "none"}
NO_METRICS = {"OTEL_METRICS_EXPORTER": "none"}
Refusal = tuple[int, dict[str, str]]
Start = Callable[..., OtlpReceiver]


@pytest.fixture
def receiving() -> Iterator[Start]:
    started: list[OtlpReceiver] = []

    def start(*arguments: Any) -> OtlpReceiver:
        started.append(OtlpReceiver(*arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def seen() -> Iterator[RecordingTarget]:
    target = RecordingTarget()
    yield target
    target.close()


def command(bench: Bench, mode: str, *options: Any) -> list[Any]:
    program = [bench.lab.katydid] if mode == "cpp" else [sys.executable, "-m", "katydid"]
    return [*program, "-f", FILE.with_suffix(".cpp" if mode == "cpp" else ".py"), "--otel", *options]


def environment(mode: str, endpoint: str, **variables: str) -> dict[str, str]:
    return {"TEST_LOOP": mode, "PYTHONPATH": PYTHONPATH, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **variables}


def headless(bench: Bench, mode: str, url: str, endpoint: str, *options: Any, **variables: str) -> Any:
    """Runs a test of two seconds to its end."""
    run = ["--headless", "--only-summary", "-u", 6, "-r", 6, "-t", "2s", "-s", 3, "-H", url]
    process = bench.lab.run(mode, command(bench, mode, *run, *options), environment(mode, endpoint, **variables))
    assert process.wait(90) == 1, "requests fail"
    return process


@pytest.mark.parametrize("protocol", ["http/protobuf", "http/json"])
@pytest.mark.parametrize("mode", MODES)
def test_the_master_and_the_receiver_have_the_same_figures(
    mode: str, protocol: str, receiving: Start, tmp_path: pathlib.Path
) -> None:
    receiver = receiving()
    loop = "epoll" if protocol == "http/json" else "io_uring"
    with opened("asyncio", tmp_path) as bench:
        if mode == "cpp":
            master = bench.lab.master(bench.lab.printed_locustfile(FILE.with_suffix(".cpp")))
        else:
            master = bench.master(file=FILE.with_suffix(".py"))
        options = ["--master-port", master.port, "--event-loop", loop]
        settings = environment(
            mode, receiver.url, OTEL_METRIC_EXPORT_INTERVAL="250", OTEL_EXPORTER_OTLP_PROTOCOL=protocol, **NO_SPANS
        )
        worker = bench.lab.run("worker", command(bench, mode, *options), settings)
        master.wait_for_workers(1)
        master.swarm(6, rate=12, host=bench.target.url)
        eventually(lambda: sum(receiver.last("locust.users.count", "user_class").values()) == 6, "users are seen")
        master.wait_for_requests(100)
        master.stop()
        master.wait_for_workers(1)
        table = master.entries()
        same = {name: each["num_requests"] for name, each in table.items()}
        failed = {name: each["num_failures"] for name, each in table.items()}
        assert sum(same.values()) == bench.target.completed
        eventually(lambda: receiver.last("locust.client.requests") == same, "the receiver has the master's figures")
        assert receiver.last("locust.client.duration") == same
        assert receiver.last("http.client.request.duration") == same
        assert receiver.last("locust.client.failures") == failed
        assert sum(receiver.last("locust.client.errors").values()) == sum(failed.values()) > 0
        assert sum(receiver.last("locust.users.count", "user_class").values()) == 0
        assert worker.terminate() == 0
    assert not receiver.errors
    (points,) = receiver.points("http.client.request.duration").values()
    for key, point in points.items():
        name, method = dict(key)["name"], dict(key)["http.request.method"]
        assert method == ("POST" if name == "/status/404" else "GET")
        assert point.sum == pytest.approx(table[name]["avg_response_time"] * same[name] / 1000, rel=1e-6)
        assert point.start_time_unix_nano < point.time_unix_nano
    resource, _ = next(receiver.metrics())
    assert resource["service.name"] == "locust"
    assert resource["filename"].endswith("traced.cpp" if mode == "cpp" else "traced.py")
    times = [point.count for _, metric in receiver.metrics() if metric.name == "katydid.loop.lag"
             for point in metric.histogram.data_points]  # fmt: skip
    assert times == sorted(times)
    assert times[-1] > 20


def test_exports_are_compressed_where_that_is_asked_for(receiving: Start, tmp_path: pathlib.Path) -> None:
    receiver = receiving()
    with opened("cpp", tmp_path) as bench:
        variables = {"OTEL_BSP_MAX_QUEUE_SIZE": "9999", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "gzip"}
        process = headless(bench, "cpp", bench.target.url, receiver.url, **variables)
        total = last_table(process.output())["Aggregated"][0]
        assert total == bench.target.completed > 30
    assert not receiver.errors
    assert len(list(receiver.spans())) == total
    encodings = {(each.path, each.headers.get("content-encoding")) for each in receiver.exports}
    assert encodings == {("/v1/traces", "gzip"), ("/v1/metrics", None)}


@pytest.mark.parametrize("mode", MODES)
def test_deltas_add_up_though_some_are_refused(mode: str, receiving: Start, tmp_path: pathlib.Path) -> None:
    receiver = receiving(lambda _path, number: (400, {}) if number % 3 == 1 and number < 8 else None)
    with opened(mode, tmp_path) as bench:
        process = headless(
            bench, mode, bench.target.url, receiver.url, OTEL_METRIC_EXPORT_INTERVAL="200",
            OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="delta", **NO_SPANS,
        )  # fmt: skip
        table = last_table(process.output())
        assert sum(receiver.sums("locust.client.requests").values()) == table["Aggregated"][0]
        assert table["Aggregated"][0] == bench.target.completed > 30
    assert receiver.refused
    assert receiver.sums("http.client.request.duration") == receiver.sums("locust.client.requests")
    assert len(receiver.exports) > 3
    assert process.output().count("could not be sent") >= 1


@pytest.mark.parametrize("protocol", ["http/protobuf", "http/json"])
@pytest.mark.parametrize("mode", MODES)
def test_each_request_has_a_span_that_the_target_was_told_of(
    mode: str, protocol: str, receiving: Start, seen: RecordingTarget, tmp_path: pathlib.Path
) -> None:
    receiver = receiving()
    with opened(mode, tmp_path) as bench:
        process = headless(
            bench, mode, seen.url, receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL=protocol, OTEL_BSP_MAX_QUEUE_SIZE="9999",
            OTEL_EXPORTER_OTLP_HEADERS="tenant=a%20b", **NO_METRICS,
        )  # fmt: skip
        table = last_table(process.output())
    assert not receiver.errors
    assert all(export.headers["tenant"] == "a b" for export in receiver.exports)
    spans = {traceparent(span): span for span in receiver.spans()}
    asked = seen.take()
    told = {each.header("traceparent") for each in asked}
    assert set(spans) == told
    assert len(spans) == len(receiver.spans()) == table["Aggregated"][0] > 30
    del table["Aggregated"]
    for name, counted in table.items():
        own = [span for span in spans.values() if attributes(span)["name"] == name]
        assert (len(own), sum(span.status.code == span.status.STATUS_CODE_ERROR for span in own)) == counted
    for each in asked:
        span = spans[each.header("traceparent") or ""]
        said = attributes(span)
        assert span.kind == span.SPAN_KIND_CLIENT
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        assert said["user_class"] in (["Fast", "Curl"] if mode == "cpp" else ["Visitor"])
        assert said["server.port"] == seen.port
        assert said["server.address"] == "127.0.0.1"
        if each.target == "/hello?a=1":
            assert span.name == "GET /hello"
            assert said["url.full"] == seen.url + "/hello?a=1"
            assert said["http.response.status_code"] == 200
            assert "error.type" not in said
        elif each.target == "/status/404":
            assert said["http.request.method"] == "POST"
            assert said["error.type"] == "404"
            assert "404" in span.status.message
        else:  # a redirect and where it leads are one
            assert each.target in ("/hops/1", "/hops/0")
            assert said["http.request.resend_count"] == 1
            assert said["error.type"] == "CatchResponseError"
            assert "never good enough" in span.status.message


@pytest.mark.parametrize("mode", MODES)
def test_a_share_of_requests_is_traced(
    mode: str, receiving: Start, seen: RecordingTarget, tmp_path: pathlib.Path
) -> None:
    receiver = receiving()
    with opened(mode, tmp_path) as bench:
        headless(
            bench, mode, seen.url, receiver.url, OTEL_TRACES_SAMPLER="parentbased_traceidratio",
            OTEL_TRACES_SAMPLER_ARG="0.25", OTEL_BSP_MAX_QUEUE_SIZE="9999", **NO_METRICS,
        )  # fmt: skip
    asked = seen.take()
    told = {each.header("traceparent") for each in asked} - {None}
    assert {traceparent(span) for span in receiver.spans()} == told
    assert 0.1 * len(asked) < len(told) < 0.45 * len(asked)


@pytest.mark.parametrize("mode", ["cpp", "asyncio"])
def test_a_server_that_is_busy_is_asked_again(mode: str, receiving: Start, tmp_path: pathlib.Path) -> None:
    def refuse(_path: str, number: int) -> Refusal | None:
        return (503, {"Retry-After": "1"}) if number < 2 else None

    receiver = receiving(refuse)
    with opened(mode, tmp_path) as bench:
        process = headless(bench, mode, bench.target.url, receiver.url, OTEL_BSP_MAX_QUEUE_SIZE="9999")
        assert sum(receiver.last("locust.client.requests").values()) == bench.target.completed > 30
    assert len(receiver.spans()) == last_table(process.output())["Aggregated"][0]
    assert len(receiver.refused) == 2
    first, second = (at for _, at in receiver.refused)
    assert 1 <= second - first < 3
    assert "could not be sent" not in process.output()


@pytest.mark.parametrize("mode", MODES)
def test_an_endpoint_that_is_not_there_costs_no_request_and_no_time(mode: str, tmp_path: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        dead = f"http://127.0.0.1:{bound.getsockname()[1]}"
    with opened(mode, tmp_path) as bench:
        begun = time.monotonic()
        process = headless(bench, mode, bench.target.url, dead, OTEL_METRIC_EXPORT_INTERVAL="300")
        assert time.monotonic() - begun < (90 if mode == "cpp" else 8)  # it is compiled first
        output = process.output()
        assert last_table(output)["Aggregated"][0] == bench.target.completed > 30
    for what in ("metrics", "spans"):
        assert output.count(f"{what} could not be sent to {dead}/v1/") == 1
    assert "Check OTEL_EXPORTER_OTLP_ENDPOINT" in output


def test_an_endpoint_that_never_answers_is_waited_for_in_bounds(receiving: Start, tmp_path: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, opened("asyncio", tmp_path) as bench:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        begun = time.monotonic()
        headless(
            bench, "asyncio", bench.target.url, endpoint, OTEL_METRIC_EXPORT_INTERVAL="500",
            OTEL_EXPORTER_OTLP_TIMEOUT="1500",
        )  # fmt: skip
        assert time.monotonic() - begun < 2 + 1.5 + 5
        assert bench.target.completed > 30


def test_spans_that_come_too_fast_are_dropped_and_told(receiving: Start, tmp_path: pathlib.Path) -> None:
    receiver = receiving()
    with opened("cpp", tmp_path) as bench:
        process = headless(
            bench, "cpp", bench.target.url, receiver.url, OTEL_BSP_MAX_QUEUE_SIZE="10", OTEL_BSP_SCHEDULE_DELAY="500"
        )
        total = last_table(process.output())["Aggregated"][0]
        assert total == bench.target.completed
    spans = len(receiver.spans())
    assert 0 < spans < total
    assert f"{total - spans} spans were dropped" in process.output()
    assert sum(receiver.last("locust.client.requests").values()) == total


def test_each_of_several_workers_is_told_apart(receiving: Start, tmp_path: pathlib.Path) -> None:
    receiver = receiving()
    with opened("cpp", tmp_path) as bench:
        run = f"-u 6 -r 6 -t 3s -s 3 --host {bench.target.url} --expect-workers 2"
        master = bench.lab.master(bench.lab.printed_locustfile(FILE.with_suffix(".cpp")), run=run)
        options = ["--master-port", master.port, "--workers", 2]
        worker = bench.lab.run("worker", command(bench, "cpp", *options), environment("cpp", receiver.url, **NO_SPANS))
        total = master.final()["total"]["num_requests"]
        assert worker.wait(30) == 0, worker.output()
        assert total == bench.target.completed
    points = receiver.points("locust.client.requests")
    assert len(points) == 2
    assert all(points.values())
    assert sum(receiver.last("locust.client.requests").values()) == total > 30


@pytest.mark.parametrize("mode", ["cpp", "asyncio"])
def test_grpc_is_refused_with_what_to_set(mode: str, tmp_path: pathlib.Path) -> None:
    with opened(mode, tmp_path) as bench:
        run = ["--headless", "-t", "1s", "-H", bench.target.url]
        settings = environment(mode, "http://127.0.0.1:4317", OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
        process = bench.lab.run(mode, command(bench, mode, *run), settings)
        assert process.wait(90) == 1
        assert "OTEL_EXPORTER_OTLP_PROTOCOL=grpc: katydid sends OTLP over HTTP. Set it to http/protobuf" in (
            process.output()
        )
