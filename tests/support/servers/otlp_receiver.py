"""A receiver of OpenTelemetry's protocol over HTTP, which reads messages by the types of opentelemetry-proto.

Strict: what those types do not know is an error.
"""

from __future__ import annotations

import base64
import collections
import gzip
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

TYPES: dict[str, Any] = {
    "/v1/metrics": metrics_service_pb2.ExportMetricsServiceRequest,
    "/v1/traces": trace_service_pb2.ExportTraceServiceRequest,
}
Refuse = Callable[[str, int], "tuple[int, dict[str, str]] | None"]


@dataclass
class Export:
    """One that was taken."""

    path: str
    message: Any
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)


class OtlpReceiver:
    """Listens on a free port until close(). `refuse(path, number)` may give a status and headers in place of 200."""

    def __init__(self, refuse: Refuse = lambda _path, _number: None) -> None:
        self.exports: list[Export] = []
        self.refused: list[tuple[str, float]] = []
        self.errors: list[str] = []
        self._refuse = refuse
        self._tries = 0
        self._lock = threading.Lock()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = owner._take(
                    self.path, {name.lower(): value for name, value in self.headers.items()}, body
                )
                self.send_response(status)
                for name, value in {**headers, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The base of its endpoints."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        with self._lock:
            number = self._tries
            self._tries += 1
            if refusal := self._refuse(path, number):
                self.refused.append((path, time.monotonic()))
                return refusal
            try:
                message = parsed(path, headers, body)
            except Exception as error:
                self.errors.append(f"{path}: {error!r}")
                return 400, {}
            self.exports.append(Export(path, message, headers))
            return 200, {}

    def metrics(self) -> Iterator[tuple[dict[str, Any], Any]]:
        """Each metric of each export, with the attributes of its resource."""
        for export in list(self.exports):
            if export.path == "/v1/metrics":
                for resource in export.message.resource_metrics:
                    for scope in resource.scope_metrics:
                        for metric in scope.metrics:
                            yield attributes(resource.resource), metric

    def points(self, name: str) -> dict[str, dict[tuple[Any, ...], Any]]:
        """The last points of a metric, by the instance that sent them and by their attributes."""
        last: dict[str, dict[tuple[Any, ...], Any]] = collections.defaultdict(dict)
        for resource, metric in self.metrics():
            if metric.name == name:
                for point in getattr(metric, metric.WhichOneof("data")).data_points:
                    key = tuple(sorted(attributes(point).items()))
                    last[resource["service.instance.id"]][key] = point
        return last

    def last(self, name: str, label: str = "name") -> dict[str, int]:
        """The last values of a metric of all instances, added up by one of their attributes."""
        out: dict[str, int] = collections.defaultdict(int)
        for points in self.points(name).values():
            for key, point in points.items():
                out[dict(key).get(label, "")] += value_of(point)
        return dict(out)

    def sums(self, name: str, label: str = "name") -> dict[str, int]:
        """The values of all exports added up by one of their attributes: for deltas."""
        out: dict[str, int] = collections.defaultdict(int)
        for _, metric in self.metrics():
            if metric.name == name:
                for point in getattr(metric, metric.WhichOneof("data")).data_points:
                    out[attributes(point).get(label, "")] += value_of(point)
        return dict(out)

    def spans(self) -> list[Any]:
        return [
            span
            for export in list(self.exports)
            if export.path == "/v1/traces"
            for resource in export.message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def value_of(point: Any) -> int:
    """Of a counter or a gauge; of a histogram its count, which its buckets have to add up to."""
    if not hasattr(point, "bucket_counts"):
        return int(point.as_int)
    assert sum(point.bucket_counts) == point.count
    assert len(point.bucket_counts) == len(point.explicit_bounds) + 1
    assert list(point.explicit_bounds) == sorted(point.explicit_bounds)
    return int(point.count)


def attributes(message: Any) -> dict[str, Any]:
    found = {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in message.attributes}
    assert len(found) == len(message.attributes), "an attribute is there twice"
    return found


def traceparent(span: Any) -> str:
    return f"00-{span.trace_id.hex()}-{span.span_id.hex()}-01"


def parsed(path: str, headers: dict[str, str], body: bytes) -> Any:
    message = TYPES[path]()
    if "content-encoding" in headers:
        assert headers["content-encoding"] == "gzip"
        body = gzip.decompress(body)
    kind = headers["content-type"]
    if kind == "application/x-protobuf":
        message.ParseFromString(body)
        again = TYPES[path]()
        again.CopyFrom(message)
        again.DiscardUnknownFields()
        assert again.SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True), "unknown"
        return message
    assert kind == "application/json", kind
    return json_format.ParseDict(_with_base64(json.loads(body)), message)


def _with_base64(value: Any) -> Any:
    """Ids are hexadecimal in OTLP's JSON, and base64 in protobuf's own."""
    if isinstance(value, list):
        return [_with_base64(each) for each in value]
    if not isinstance(value, dict):
        return value
    ids = ("traceId", "spanId", "parentSpanId")
    return {
        key: base64.b64encode(bytes.fromhex(each)).decode() if key in ids else _with_base64(each)
        for key, each in value.items()
    }
