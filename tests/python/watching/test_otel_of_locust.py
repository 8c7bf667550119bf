"""--otel of plain locustfiles is Locust's own, by the request event and by OpenTelemetry's instrumentation of requests:
what Katydid puts in the place of Locust's clients lets both have all."""

from __future__ import annotations

import pathlib
import sys
from collections import Counter
from importlib.util import find_spec

import pytest
from harness.table import last_table
from recording_target import RecordingTarget

from ..bench import HERE, PYTHONPATH, opened

otlp_receiver = pytest.importorskip("otlp_receiver")
attributes, traceparent, value_of = otlp_receiver.attributes, otlp_receiver.traceparent, otlp_receiver.value_of


@pytest.mark.skipif(find_spec("locust") is None, reason="no Locust here")
@pytest.mark.parametrize("mode", ["headless", "worker"])
def test_metrics_and_spans_are_all_there(mode: str, tmp_path: pathlib.Path) -> None:
    file = HERE / "locustfiles" / "traced_plain.py"
    receiver, target = otlp_receiver.OtlpReceiver(), RecordingTarget()
    environment = {
        "PYTHONPATH": PYTHONPATH,
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_LOGS_EXPORTER": "none",
    }
    run = ["--otel", "-u", "4", "-r", "4", "-t", "3s", "-s", "3", "-H", target.url]
    try:
        with opened("gevent", tmp_path) as bench:
            command = [sys.executable, "-m", "katydid", "-f", file]
            if mode == "headless":
                process = bench.lab.run(mode, [*command, "--headless", "--only-summary", *run], environment)
                assert process.wait(60) == 1, "requests fail"
                counted = {name: requests for name, (requests, _) in last_table(process.output()).items()}
                del counted["Aggregated"]
            else:
                settings = f"-u 4 -r 4 -t 3s -s 3 --host {target.url} --expect-workers 1"
                master = bench.lab.master(file, run=settings)
                options = ["--worker", "--master-port", master.port, "--otel"]
                process = bench.lab.run(mode, [*command, *options], environment)
                counted = {each["name"]: each["num_requests"] for each in master.final()["entries"]}
                process.wait(30)
    finally:
        target.close()
        receiver.close()
    asked = target.take()
    assert not receiver.errors
    assert len(asked) == sum(counted.values()) > 30

    timed: dict[str, int] = {}
    for _, metric in receiver.metrics():
        if metric.name == "locust.client.duration":
            timed = {}
            for point in metric.histogram.data_points:
                name = attributes(point)["name"]
                timed[name] = timed.get(name, 0) + value_of(point)
    assert timed == counted
    told = {header[:-3] for each in asked if (header := each.header("traceparent"))}  # without the flags
    spans = receiver.spans()
    assert {traceparent(span)[:-3] for span in spans} >= told
    assert len(told) == counted["/hello"] + counted["/status/404"]
    assert Counter(span.name for span in spans)["GET /hello"] == counted["/hello"]
