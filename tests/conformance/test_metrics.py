"""--metrics-port, as a real Prometheus reads it."""
import re
import socket
import time

import pytest
import requests

from harness.prometheus import Prometheus, complaints
from harness.wait import eventually
from ports import free_port

pytestmark = pytest.mark.katydid


def url_of(process):
    return process.wait_for_output(r"Metrics are at (http://\S+)", timeout=120).group(1)


def total_of(page, metric="katydid_requests_total"):
    return sum(int(value) for value in re.findall(rf"^{metric}(?:{{.*}})? (\d+)$", page, re.M))


@pytest.mark.parametrize("loop", ["io_uring", "epoll"])
def test_prometheus_and_the_master_have_the_same_figures(loop, lab):
    target = lab.target()
    master = lab.master("reported", users=["ReportedUser"])
    worker = lab.worker("reported", master.port, ["--metrics-port", "0", "--event-loop", loop])
    url = url_of(worker)
    prometheus = Prometheus(lab, url.split("/")[2])
    master.wait_for_workers(1)
    eventually(lambda: prometheus.query("katydid_state", "state").get("ready") == 1, "the worker is ready")

    master.swarm(5, rate=10, host=target.url)
    eventually(lambda: prometheus.query("katydid_users", "user_class") == {"ReportedUser": 5}, "users are seen")
    assert prometheus.query("katydid_state", "state")["running"] == 1
    master.wait_for_requests(300)
    master.stop()
    master.wait_for_workers(1)
    table = master.entries()
    assert sum(each["num_requests"] for each in table.values()) == target.completed
    same = {name: each["num_requests"] for name, each in table.items()}
    eventually(lambda: prometheus.query("katydid_requests_total") == same, "Prometheus has the master's figures")
    assert prometheus.query("katydid_response_time_seconds_count") == same
    assert prometheus.query('katydid_response_time_seconds_bucket{le="+Inf"}') == same
    failed = {name: each["num_failures"] for name, each in table.items()}
    assert prometheus.query("katydid_request_failures_total") == failed
    assert prometheus.value("katydid_errors_total") == sum(failed.values()) > 0
    for name, seconds in prometheus.query("katydid_response_time_seconds_sum").items():
        assert seconds == pytest.approx(table[name]["avg_response_time"] * same[name] / 1000, rel=1e-6)
    assert prometheus.query("katydid_users", "user_class") == {"ReportedUser": 0}
    assert prometheus.value("katydid_task_exceptions_total") > 0
    assert prometheus.value('katydid_reports_total{result="sent"}') > 0

    master.swarm(5, rate=10, host=target.url)  # a new test, whose table begins at 0
    master.wait_for_requests(100)
    master.stop()
    served = target.completed
    eventually(lambda: prometheus.value("katydid_requests_total") == served, "counters go on")
    assert prometheus.value("resets(katydid_requests_total[10m])") == 0
    assert prometheus.value("katydid_loop_lag_seconds_count") > 100
    assert prometheus.value("process_cpu_seconds_total") > 0
    assert not complaints(requests.get(url, timeout=5).content)


def test_a_test_without_a_master(lab):
    target = lab.target()
    command = [lab.katydid, "-f", lab.locustfile("reported", ".cpp"), "--headless", "--only-summary", "-u", 5, "-r", 10]
    process = lab.run("katydid", [*command, "-t", "8s", "-H", target.url, "--metrics-port", "0"])
    url = url_of(process)
    seen = []
    while process.alive:
        try:
            seen.append(requests.get(url, timeout=5).text)
        except requests.ConnectionError:
            break
        time.sleep(0.3)
    process.wait(30)
    totals = [total_of(page) for page in seen]
    assert len(set(totals)) > 4 and totals == sorted(totals) and 0 < totals[-1] <= target.completed
    assert any('katydid_state{state="running"} 1' in page for page in seen)
    assert any('katydid_users{user_class="ReportedUser"} 5' in page for page in seen)
    assert not complaints(seen[-1].encode())


def test_each_of_several_workers_has_a_port(lab):
    port = free_port()
    master = lab.master("load", users=["HelloUser"])
    worker = lab.worker("load", master.port, ["--metrics-port", port, "--workers", "2"])
    master.wait_for_workers(2)
    for each in (port, port + 1):
        assert "katydid_build_info" in requests.get(f"http://127.0.0.1:{each}/metrics", timeout=5).text
    assert worker.alive


def test_a_port_that_is_taken_ends_it_at_once(lab):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [lab.katydid, "-f", lab.locustfile("load", ".cpp"), "--headless", "-t", "3s", "--metrics-port", port]
        process = lab.run("katydid", command)
        assert process.wait(120) == 1
        assert f"argument --metrics-port: can't listen on 127.0.0.1:{port}: Address already in use" in process.output()


def test_scrapers_that_misbehave_disturb_nobody(lab):
    target = lab.target()
    master = lab.master("load", users=["HelloUser"])
    worker = lab.worker("load", master.port, ["--metrics-port", "0"])
    url = url_of(worker)
    host, port = url.split("/")[2].split(":")
    master.wait_for_workers(1)
    master.swarm(2, rate=10, host=target.url)
    idle = [socket.create_connection((host, int(port))) for _ in range(16)]
    with socket.create_connection((host, int(port))) as one_too_many:
        one_too_many.settimeout(5)
        assert one_too_many.recv(100) == b""
    for each in idle:
        each.close()
    for request, status in {
        b"\xff\x00\r\n\r\n": b"400",
        b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 9000: b"400",
        b"GET / HTTP/1.1\r\n\r\n": b"404",
        b"DELETE /metrics HTTP/1.1\r\n\r\n": b"405",
        b"HEAD /metrics HTTP/1.1\r\n\r\n": b"200",
    }.items():
        with socket.create_connection((host, int(port))) as connection:
            connection.settimeout(5)
            connection.sendall(request)
            assert connection.recv(4000).startswith(b"HTTP/1.1 " + status)
    assert "katydid_build_info" in requests.get(url, timeout=5).text
    before = master.requests
    eventually(lambda: master.requests > before, "the test goes on")
    assert worker.alive


RESET = """#include <katydid/katydid.hpp>
#include <atomic>
using namespace katydid;
struct Once : FastHttpUser {
  task<> ask() {
    for (int i = 0; i < 200; ++i) co_await client.get("/hello");
    static std::atomic<int> done = 0;
    if (++done == 3) {
      co_await sleep(std::chrono::seconds(5));
      environment().quit();
    }
    co_await sleep(std::chrono::hours(1));
  }
};
KATYDID_USER(Once).task<&Once::ask>();
"""


def test_counters_are_of_all_of_a_run_whose_figures_are_reset(lab):
    """What the shards have not handed over when the last user has started, too."""
    target = lab.target()
    file = lab.folder / "once.cpp"
    file.write_text(RESET)
    command = [lab.katydid, "-f", file, "--headless", "-u", 3, "-r", 1, "--reset-stats", "-H", target.url]
    process = lab.run("katydid", [*command, "--metrics-port", 0, "--only-summary"])
    url = url_of(process)
    eventually(lambda: total_of(requests.get(url, timeout=5).text) == 600, "all that was asked is counted", timeout=60)
    assert process.wait(30) == 0
    assert target.completed == 600
