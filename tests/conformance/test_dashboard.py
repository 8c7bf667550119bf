"""deploy/grafana and deploy/prometheus: what Prometheus makes of them. tests/chart has what they refer to."""
import json
import subprocess
import time

import pytest

from harness.lab import ROOT
from harness.prometheus import Prometheus, installed
from harness.wait import eventually

DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "katydid.json").read_text())
CHOSEN = {"$__rate_interval": "10s", "$__range": "1m", "$method": ".*", "$name": ".*", "$percentile": "0.95"}
"""What Grafana puts into expressions."""


def filled_in(expression):
    for name, value in CHOSEN.items():
        expression = expression.replace(name, value)
    assert "$" not in expression
    return expression


def expressions():
    """(title of a panel, expression)"""
    targets = [(panel["title"], each) for panel in DASHBOARD["panels"] for each in panel.get("targets", [])]
    return [(title, filled_in(target["expr"])) for title, target in targets]


def test_prometheus_takes_its_file():
    config = ROOT / "deploy" / "prometheus" / "prometheus.yml"
    done = subprocess.run([installed("promtool"), "check", "config", config], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.katydid
def test_every_panel_shows_something(lab):
    """Each expression, asked of a real Prometheus that has scraped a worker under load."""
    target = lab.target()
    master = lab.master("watched")
    worker = lab.worker("watched", master.port, ["--metrics-port", "0", "--report-phases"])
    url = worker.wait_for_output(r"Metrics are at (http://\S+)", timeout=120).group(1)
    prometheus = Prometheus(lab, url.split("/")[2])
    try:
        master.wait_for_workers(1)
        master.swarm(6, rate=10, host=target.url)
        master.wait_for_requests(300)
        asked = expressions()
        assert len(asked) > 25
        deadline = time.monotonic() + 40
        while empty := [(title, each) for title, each in asked if not prometheus.numbers(each)]:
            assert time.monotonic() < deadline, empty
            time.sleep(1)
        by_title = dict(asked)
        names = prometheus.query(by_title["Requests a second, by name"])
        assert {"/hello", "/status/500", "/delay/500"} <= {name for name, rate in names.items() if rate > 0}
        assert set(prometheus.query(by_title["Failures a second, by name"])) >= {"/status/500"}
        assert set(prometheus.query(by_title["Users, by class"], "user_class")) == {"Visitor", "Buyer"}
        phases = by_title["Where the time went, $percentile of each phase"]
        assert "first byte" in prometheus.query(phases, "phase")
        dropped = by_title["Tasks that were due and found no user, a second"]
        eventually(lambda: prometheus.value(dropped) > 1, "20 tasks a second are too many for one user")
        buckets = prometheus.query(by_title["All requests, each by its time"], "le")
        # Prometheus reckons each series to the ends of its interval by itself, so that one bucket's rate may pass another's.
        assert buckets["+Inf"] == pytest.approx(max(buckets.values()), rel=0.05)
        assert buckets["+Inf"] > 0
    finally:
        prometheus.kill()
