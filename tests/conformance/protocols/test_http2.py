"""Over HTTP/2 as over HTTP/1.1: what the master counts is what the target completed."""
import pytest

import nghttpd
import nghttpx
import nginx
from cut_off import cut_off
from harness import conservation
from harness.endings import end_of_users

pytestmark = pytest.mark.katydid


ENDINGS = ["stop", "stop timeout", "ramp down", "sigterm", "quit"]


def run_and_end(lab, ending, target, url, event_loop="auto"):
    counted, worker = end_of_users(lab, ending, "http2", "Http2User", url, event_loop=event_loop)
    assert counted["num_failures"] == 0
    assert counted["num_requests"] > 1000
    conservation.check(counted["num_requests"], target, worker)
    assert cut_off(worker.output()) == 0, "each user has received all that it had asked for"


@pytest.mark.skipif(nghttpx.PROGRAM is None, reason="nghttpx is not installed; tools/setup --tests")
@pytest.mark.parametrize("event_loop", ["auto", "epoll"])
@pytest.mark.parametrize("secure", [False, True], ids=["h2c", "tls"])
@pytest.mark.parametrize("ending", ENDINGS)
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
        run_and_end(lab, ending, target, proxy.tls_url if secure else proxy.url)


@pytest.mark.skipif(nghttpd.PROGRAM is None, reason="nghttpd is not installed; tools/setup --tests")
@pytest.mark.parametrize("secure", [False, True], ids=["h2c", "tls"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_nghttpd_with_files(lab, tmp_path, ending, secure):
    files = {f"delay/{n}": "x" * 1000 * n for n in range(1, 11)} | {"hello": "hello", "upload": "done"}
    with nghttpd.running(tmp_path, files, secure=secure) as server:
        run_and_end(lab, ending, server, server.url)
