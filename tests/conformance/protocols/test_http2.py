"""Over HTTP/2 as over HTTP/1.1: what the master counts is what the target completed."""
import time

import pytest

import nghttpx
import nginx
from cut_off import cut_off
from harness import conservation
from harness.endings import end, ramp_down

pytestmark = [
    pytest.mark.katydid,
    pytest.mark.skipif(nghttpx.PROGRAM is None, reason="nghttpx is not installed; tools/setup --tests"),
]


def run_and_end(lab, ending, target, url, event_loop):
    options = ["--stop-timeout", "10"] if ending == "stop timeout" else []
    master = lab.master("http2", users=["Http2User"], options=options)
    worker = lab.worker("http2", master.port, options=["--event-loop", event_loop])
    master.wait_for_workers(1)
    master.swarm(30, rate=100, host=url)
    master.wait_for_users(30)
    time.sleep(2)
    if ending == "ramp down":
        ramp_down(master, 20, 10, 25, 3)
    counted = end(ending, master, worker)["total"]
    assert counted["num_failures"] == 0
    assert counted["num_requests"] > 1000
    conservation.check(counted["num_requests"], target, worker)
    assert cut_off(worker.output()) == 0, "each user has received all that it had asked for"


@pytest.mark.parametrize("event_loop", ["auto", "epoll"])
@pytest.mark.parametrize("secure", [False, True], ids=["h2c", "tls"])
@pytest.mark.parametrize("ending", ["stop", "stop timeout", "ramp down", "sigterm", "quit"])
def test_users_with_several_requests_at_once(lab, tmp_path, ending, secure, event_loop):
    target = lab.target()
    with nghttpx.running(tmp_path, int(target.url.rsplit(":", 1)[1])) as proxy:
        run_and_end(lab, ending, target, proxy.tls_url if secure else proxy.url, event_loop)


@pytest.mark.skipif(nginx.PROGRAM is None, reason="nginx is not installed; tools/setup --tests")
@pytest.mark.parametrize("secure", [False, True], ids=["h2c", "tls"])
@pytest.mark.parametrize("ending", ["stop", "ramp down", "quit"])
def test_nginx_says_goodbye_after_a_thousand_requests(lab, tmp_path, ending, secure):
    target = lab.target()
    with nginx.running(tmp_path, int(target.url.rsplit(":", 1)[1])) as proxy:
        run_and_end(lab, ending, target, proxy.tls_url if secure else proxy.url, "auto")
