"""Over HTTP/2 as over HTTP/1.1: what the master counts is what the target completed."""
import signal
import time

import pytest

import nghttpx
from cut_off import cut_off
from harness import conservation
from harness.wait import eventually

pytestmark = [
    pytest.mark.katydid,
    pytest.mark.skipif(nghttpx.PROGRAM is None, reason="nghttpx is not installed; tools/setup --tests"),
]


@pytest.mark.parametrize("event_loop", ["auto", "epoll"])
@pytest.mark.parametrize("secure", [False, True], ids=["h2c", "tls"])
@pytest.mark.parametrize("ending", ["stop", "stop timeout", "ramp down", "sigterm", "quit"])
def test_users_with_several_requests_at_once(lab, tmp_path, ending, secure, event_loop):
    target = lab.target()
    with nghttpx.running(tmp_path, int(target.url.rsplit(":", 1)[1])) as proxy:
        options = ["--stop-timeout", "10"] if ending == "stop timeout" else []
        master = lab.master("http2", users=["Http2User"], options=options)
        worker = lab.worker("http2", master.port, options=["--event-loop", event_loop])
        master.wait_for_workers(1)
        master.swarm(30, rate=100, host=proxy.tls_url if secure else proxy.url)
        master.wait_for_users(30)
        time.sleep(2)
        if ending == "ramp down":
            for users in 20, 10, 25, 3:
                master.swarm(users, rate=100)
                master.wait_for_users(users)
        if ending == "quit":
            master.signal(signal.SIGTERM)
            counted = master.final()["total"]
            assert worker.wait() == 0
        elif ending == "sigterm":
            worker.signal(signal.SIGTERM)
            assert worker.wait() == 0
            eventually(lambda: "quit." in master.output(), "the master hears that the worker quits")
            master.wait_for_state("stopped")
            counted = master.now()["total"]
        else:
            master.stop()
            master.wait_for_workers(1)
            time.sleep(3.5)  # any report that is still to come
            counted = master.now()["total"]
        assert counted["num_failures"] == 0
        assert counted["num_requests"] > 1000
        conservation.check(counted["num_requests"], target, worker)
        assert cut_off(worker.output()) == 0, "each user has received all that it had asked for"
