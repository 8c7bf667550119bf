"""Every example is compiled and run, and does what it says."""

import pytest

import chat_server
import grpc_server
import http3_server
import libcurl
import nghttpx
import shop_server
import websocket_server
from certificates import Certificates
from harness.lab import ROOT
from harness.line_server import DatagramServer, LineServer
from harness.table import last_table

pytestmark = pytest.mark.katydid


@pytest.fixture
def run_example(lab):
    """Runs it locally for a few seconds without failures; requests by name, from the table at the end."""

    def run(name, host, users=4, options=()):
        command = [lab.katydid, "-f", ROOT / "examples" / f"{name}.cpp", "--headless", "--only-summary"]
        process = lab.run("katydid", [*command, "-u", users, "-r", "20", "-t", "3s", "-s", "5", "-H", host, *options])
        assert process.wait(120) == 0
        table = last_table(process.output())
        assert not any(failures for _, failures in table.values())
        return {name: requests for name, (requests, _) in table.items()}

    return run


def test_every_example_has_a_test():
    names = {path.stem for path in (ROOT / "examples").glob("*.cpp")}
    assert names == {
        "hello", "hello_fast", "basic", "custom_client", "stream", "task_sets", "feeders", "retries", "chat", "page", "udp", "blocking", "open_workload", "websocket", "http2", "http3", "grpc",
        "first", "login", "bodies", "phases",
    }  # fmt: skip


def test_hello(run_example, lab):
    target = lab.target()
    counts = run_example("hello", target.url)
    assert counts["/hello"] == counts["Aggregated"] == target.completed_of("/hello") > 100


@pytest.mark.parametrize("event_loop", ["auto", "epoll"])
def test_hello_fast(run_example, lab, event_loop):
    target = lab.target()
    counts = run_example("hello_fast", target.url, options=["--event-loop", event_loop])
    assert counts["/hello"] == counts["Aggregated"] == target.completed_of("/hello") > 100


def test_basic(run_example, lab):
    target = lab.target()
    counts = run_example("basic", target.url, users=8)
    assert counts.keys() == {"/", "/echo?item=[id]", "/login", "/cart", "Aggregated"}
    assert counts["/login"] == 2, "one of four visitors is a shopper"
    assert counts["/"] > counts["/cart"] > 0
    assert counts["Aggregated"] == target.completed


def test_first(run_example, tmp_path):
    with shop_server.running(ROOT / "docs" / "tutorial-cpp.md", tmp_path) as shop:
        counts = run_example("first", shop.url)
        assert counts["/items/[id]"] > counts["/"] > 0
        assert counts["Aggregated"] == shop.answered


def test_login(run_example, lab):
    target = lab.target()
    counts = run_example("login", target.url, users=6)
    assert counts["/login"] == counts["/session"] == 2
    assert min(counts["/account"], counts["/basket"], counts["/report"]) > 20
    assert counts["Aggregated"] + counts["/report"] == target.completed, "a digest takes two requests"


def test_open_workload(run_example, lab):
    target = lab.target()
    counts = run_example("open_workload", target.url, users=40)
    dropped = counts.get("Buyer", 0) + counts.get("Visitor", 0)
    assert counts["/order"] + counts["/hello"] == counts["Aggregated"] == target.completed
    assert 100 < counts["/order"] <= 152
    assert 80 < counts["/hello"] + dropped < 260


def test_stream(run_example, lab):
    target = lab.target()
    counts = run_example("stream", target.url)
    assert counts["/slow-body"] == counts["Aggregated"] == target.completed_of("/slow-body") > 50


def test_retries(lab):
    """A quarter of the orders' attempts fail, and each is counted as the target counts it."""
    target = lab.target()
    command = [lab.katydid, "-f", ROOT / "examples" / "retries.cpp", "--headless", "--only-summary", "-u", "1"]
    process = lab.run("katydid", [*command, "-t", "4s", "-s", "5", "-H", target.url])
    assert process.wait(120) == 1
    table = last_table(process.output())
    assert table.keys() == {"/order", "/items/[id]", "/pay", "/receipt", "Aggregated"}
    attempts, failures = table["/order"]
    assert abs(failures - attempts / 4) <= 1 and attempts > 50
    assert table["Aggregated"] == (target.completed, failures)
    assert table["/pay"][0] == table["/receipt"][0] > 10
    assert "no order" not in process.output(), "every fourth fails, so never three in a row"


def test_page(run_example, lab):
    target = lab.target()
    counts = run_example("page", target.url)
    assert counts["image"] == 10 * counts["page"] > 100
    assert counts["price"] == counts["stock"] == counts["order"] > 10
    assert counts["search"] > 10
    assert counts["Aggregated"] == target.completed


def test_bodies(run_example, lab):
    target = lab.target()
    counts = run_example("bodies", target.url)
    assert counts["/bytes/1000000"] == target.completed_of("/bytes/1000000") > 20
    assert min(counts["a file"], counts["what is made"], counts["a form"]) > 20
    assert counts["Aggregated"] == target.completed


def test_phases(run_example, lab):
    target = lab.target()
    counts = run_example("phases", target.url, options=["--report-phases"])
    assert counts["/cart"] == counts["/cart, the server alone"] == target.completed > 100
    assert counts["/cart [first byte]"] == counts["/cart"]
    assert counts["/cart [connect]"] == 4


def test_task_sets(run_example, lab):
    target = lab.target()
    counts = run_example("task_sets", target.url, users=8)
    assert counts.keys() == {"/", "/items", "/items/[id]", "/cart", "/pay", "Aggregated"}
    assert counts["/items/[id]"] > counts["/items"] > 0
    assert counts["/cart"] >= counts["/pay"] > 0
    assert counts["Aggregated"] == target.completed


def test_feeders(run_example, lab):
    target = lab.target()
    counts = run_example("feeders", target.url)
    assert counts["/login"] == 4
    assert counts["/order"] > 50
    assert counts["Aggregated"] == target.completed_of("/echo", "POST")


def test_custom_client(run_example):
    server = LineServer()
    counts = run_example("custom_client", server.url)
    assert counts["ping"] == counts["Aggregated"] == server.answered > 100
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("base", ["HttpUser", "FastHttpUser"])
def test_chat(lab, tmp_path, base):
    """Counts and times are those of the server."""
    chat = tmp_path / "chat.cpp"
    chat.write_text((ROOT / "examples" / "chat.cpp").read_text().replace(": HttpUser", f": {base}"))
    with chat_server.running() as server:
        run = f"-u 5 -r 5 -t 4s --host {server.url} --expect-workers 1 --stop-timeout 10"
        master = lab.master(lab.printed_locustfile(chat), run=run)
        worker = lab.worker(chat, master.port)
        final = master.final()
        assert worker.wait() == 0
        assert final["exit_code"] == 0
        server.check(final["entries"])
        assert server.counts()["connections"] < 20, "connections serve again"


@pytest.mark.parametrize("server", ["websockets", "aiohttp"])
def test_websocket(lab, server):
    """Counts are those of the server."""
    example = ROOT / "examples" / "websocket.cpp"
    with websocket_server.running(server) as server:
        run = f"-u 8 -r 8 -t 4s --host {server.url} --expect-workers 1 --stop-timeout 10"
        master = lab.master(lab.printed_locustfile(example), run=run)
        worker = lab.worker(example, master.port)
        final = master.final()
        assert worker.wait() == 0
        assert final["exit_code"] == 0
        server.check(final["entries"])


@pytest.mark.skipif(grpc_server.PROTOC is None, reason="protoc is not installed; tools/setup --tests")
def test_grpc(run_example):
    """Counts are those of the server."""
    with grpc_server.running() as server:
        counts = run_example("grpc", server.host, options=["--stop-timeout", "10"])
        there = server.settled()
    methods = {name.rpartition("/")[2]: requests for name, requests in counts.items() if name != "Aggregated"}
    assert methods.keys() == {"SayHello", "Count", "Gather", "Chat"}
    assert all(there[method] == requests > 5 for method, requests in methods.items())
    assert there["calls"] == there["ended"] == counts["Aggregated"]


def test_udp(run_example):
    server = DatagramServer()
    counts = run_example("udp", server.host)
    assert counts["question"] == counts["Aggregated"] == server.answered > 100
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(nghttpx.PROGRAM is None, reason="nghttpx is not installed; tools/setup --tests")
def test_http2(run_example, lab, tmp_path):
    target = lab.target()
    with nghttpx.running(tmp_path, int(target.url.rsplit(":", 1)[1])) as proxy:
        counts = run_example("http2", proxy.tls_url)
    assert counts["Aggregated"] == target.completed
    assert counts["image"] == 40 * counts["page"] > 100


def test_http3(run_example, lab, tmp_path):
    if not libcurl.has_http3(lab.katydid):
        command = [lab.katydid, "-f", ROOT / "examples" / "http3.cpp", "--headless", "-u", "1", "-t", "2s"]
        process = lab.run("katydid", [*command, "-H", "https://127.0.0.1:1"])
        assert process.wait(120) == 1
        assert "GET page: HTTP3Error: the libcurl that this katydid runs with (" in process.output()
        assert "run it with libcurl 8.1 or later that has HTTP/3 (docs/http3.md)" in process.output()
        return
    if not http3_server.IS_INSTALLED:
        pytest.skip("aioquic is not installed: pip install aioquic")
    with http3_server.running(Certificates(tmp_path / "http3")) as server:
        counts = run_example("http3", server.url)
        assert counts["Aggregated"] == server.completed
    assert counts["image"] == 12 * counts["page"] > 100


def test_blocking(run_example):
    counts = run_example("blocking", "localhost")
    assert counts["order"] == counts["Aggregated"] > 100, "users do not wait for each other"


@pytest.mark.core
def test_hello_with_a_real_master(lab):
    target = lab.target()
    hello = ROOT / "examples" / "hello.cpp"
    run = f"-u 10 -r 10 -t 3s --host {target.url} --expect-workers 1 --stop-timeout 5"
    master = lab.master(lab.printed_locustfile(hello), run=run)
    worker = lab.worker(hello, master.port)
    final = master.final()
    assert worker.wait() == 0
    assert final["exit_code"] == 0
    assert final["total"]["num_requests"] == target.completed > 100
