"""--otel, received by OpenTelemetry's own collector."""

from __future__ import annotations

import collections
import json
import pathlib
import shutil
from typing import Any

import pytest
from harness.table import last_table
from ports import free_port

from ..bench import HERE, opened
from ..conftest import ROOT

FILE = HERE / "locustfiles" / "traced.cpp"
OTELCOL = shutil.which("otelcol") or shutil.which(ROOT / "build" / "otelcol" / "otelcol")


@pytest.mark.skipif(OTELCOL is None, reason="no otelcol here; tools/setup --collector builds it")
@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.parametrize("protocol", ["http/protobuf", "http/json"])
def test_the_collector_has_all_that_was_counted(protocol: str, compression: str, tmp_path: pathlib.Path) -> None:
    port, out, config = free_port(), tmp_path / "out.jsonl", tmp_path / "config.json"
    pipeline = {"receivers": ["otlp"], "exporters": ["file"]}
    settings = {
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{port}"}}}},
        "exporters": {"file": {"path": str(out)}},
        "service": {
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"metrics": pipeline, "traces": pipeline},
        },
    }
    config.write_text(json.dumps(settings))
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_COMPRESSION": compression,
        "OTEL_BSP_MAX_QUEUE_SIZE": "9999",
    }
    with opened("cpp", tmp_path) as bench:
        collector = bench.lab.run("otelcol", [OTELCOL, "--config", f"file:{config}"])
        collector.wait_for_output("Everything is ready")
        command = [bench.lab.katydid, "-f", FILE, "--otel", "--headless", "--only-summary", "-u", 4, "-r", 4]
        process = bench.lab.run("cpp", [*command, "-t", "2s", "-s", "3", "-H", bench.target.url], environment)
        assert process.wait(90) == 1, "requests fail"
        assert "katydid.otel" not in process.output()
        collector.terminate()
        table = {name: requests for name, (requests, _) in last_table(process.output()).items()}
        total = table.pop("Aggregated")
        assert total == bench.target.completed > 30

    spans: collections.Counter[str] = collections.Counter()
    counted: dict[str, dict[str, int]] = {}
    for message in map(json.loads, out.read_text().splitlines()):
        for resource in message.get("resourceSpans", []):
            for span in (span for scope in resource["scopeSpans"] for span in scope["spans"]):
                spans[name_of(span)] += 1
        for resource in message.get("resourceMetrics", []):
            for metric in (metric for scope in resource["scopeMetrics"] for metric in scope["metrics"]):
                points = metric.get("sum", metric.get("histogram", {})).get("dataPoints", [])
                counted[metric["name"]] = {name_of(each): int(each.get("asInt", each.get("count"))) for each in points}
    assert dict(spans) == table
    assert counted["locust.client.requests"] == table
    assert counted["http.client.request.duration"] == table


def name_of(message: dict[str, Any]) -> str:
    """Its attribute `name`, or ""."""
    named = (each["value"] for each in message.get("attributes", []) if each["key"] == "name")
    return str(next(named, {}).get("stringValue", ""))
