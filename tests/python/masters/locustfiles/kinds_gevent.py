"""Every kind of request with Locust's users; KINDS_BASE says whose client, KINDS_ENDING how users end by themselves."""

import io
import itertools
import os
import time
from urllib.parse import urlsplit

import gevent
import locust
from gevent.pool import Pool
from locust import constant, task
from locust.contrib.fasthttp import FastHttpSession
from locust.exception import StopUser
from requests.auth import HTTPDigestAuth

BASE = os.environ["KINDS_BASE"]
ENDING = os.environ.get("KINDS_ENDING", "")
PROXY = os.environ.get("KINDS_PROXY", "")
TLS = os.environ["KINDS_TLS"]
LIFE = 2.0
IS_FAST = BASE == "FastHttpUser"
SIGNED_IN = ("ann", "secret")


def get(user):
    user.client.get("/delay/10")


def params(user):
    user.client.get("/delay/11", params={"exact": 0})


def headers(user):
    user.client.get("/delay/12", headers={"X-Kind": "headers"})


def json(user):
    user.client.post("/delay/13", json={"a": [1, 2]})


def form(user):
    user.client.post("/delay/14", data={"a": "b c"})


def text(user):
    user.client.put("/delay/15", data="text")


def patch(user):
    user.client.patch("/delay/16", data="text")


def delete(user):
    user.client.delete("/delay/17")


def options(user):
    user.client.options("/delay/18")


def head(user):
    user.client.head("/delay/19")


def file(user):
    user.client.post("/delay/20", files={"file": ("a.txt", io.BytesIO(b"hello"))})


def body_of_pieces(user):
    user.client.post("/delay/27", data=(piece for piece in (b"one", b"two")))


def slow_pieces():
    for _ in range(5):
        yield b"piece"
        gevent.sleep(0.05)


def slow_body(user):
    user.client.put("/upload", data=slow_pieces())


def two_redirects(user):
    user.client.get("/redirect/2")


def slow_redirect(user):
    user.client.get("/redirect-to?url=/delay/21")


def redirect_not_followed(user):
    user.client.get("/redirect-loop", allow_redirects=False)


def basic(user):
    user.client.get("/basic-auth/ann/secret", auth=SIGNED_IN)


def digest(user):
    user.client.get("/digest-auth/ann/secret", auth=HTTPDigestAuth(*SIGNED_IN))


def gzip(user):
    user.client.get("/gzip/200")


def chunked(user):
    user.client.get("/chunked/300")


def cookie(user):
    user.client.get("/cookies/set?a=b")


def failure(user):
    user.client.get("/status/500")


def caught(user):
    with user.client.get("/status/404", catch_response=True) as response:
        response.success()


def judged_late(user):
    with user.client.get("/delay/22", catch_response=True) as response:
        gevent.sleep(0.03)
        response.success()


def slow(user):
    user.client.get("/delay/500")


def gone_connection(user):
    user.client.get("/keepalive/3")


def several_at_once(user):
    pool = Pool(3)
    for _ in range(3):
        pool.spawn(user.client.get, "/delay/23")
    pool.join()


def chunks(response, size):
    return iter(lambda: response.stream.read(size), b"") if IS_FAST else response.iter_content(size)


def stream(user):
    response = user.client.get("/slow-body?bytes=512&chunk=64&interval_ms=5", stream=True)
    for _ in chunks(response, 64):
        pass


def half_read(user):
    with user.client.get("/bytes/300000", stream=True, catch_response=True) as response:
        next(chunks(response, 1000))
    if IS_FAST:
        response.release()
    else:
        response.close()


def proxied(user, host):
    """A client that asks a proxy, and its arguments."""
    if not IS_FAST:
        return user.client, host, {"proxies": {"http": PROXY, "https": PROXY}}
    if host not in user.proxied:
        place = urlsplit(PROXY)
        owner = {"environment": user.environment}
        if not hasattr(user.client, "environment"):  # in versions of Locust that have a new signature
            owner = {"request_event": user.environment.events.request}
        user.proxied[host] = FastHttpSession(
            base_url=host, user=user, proxy_host=place.hostname, proxy_port=place.port, **owner
        )
    return user.proxied[host], "", {}


def through_proxy(user):
    client, host, arguments = proxied(user, user.host)
    client.get(host + "/delay/24", **arguments)


def body_through_proxy(user):
    client, host, arguments = proxied(user, user.host)
    client.post(host + "/delay/25", data="text", **arguments)


def through_tunnel(user):
    client, host, arguments = proxied(user, TLS)
    client.get(host + "/delay/26", **arguments | ({} if IS_FAST else {"verify": False}))


def end(user):
    """A user that ends itself, or the whole worker."""
    if ENDING == "StopUser" and time.monotonic() > user.born + LIFE:
        raise StopUser
    if ENDING == "quit" and time.monotonic() > user.born + LIFE:
        user.environment.runner.quit()


KINDS = (
    *(get, params, headers, json, form, text, patch, delete, options, head, two_redirects, slow_redirect),
    *(redirect_not_followed, basic, gzip, chunked, cookie, failure, caught, judged_late, slow, gone_connection),
    *(several_at_once, stream, half_read, body_of_pieces, slow_body, end),
    *(() if IS_FAST else (file, digest)),
    *((through_proxy, body_through_proxy, through_tunnel) if PROXY else ()),
)
turn = itertools.cycle(KINDS)


class Kinds(getattr(locust, BASE)):
    wait_time = constant(0.01)

    def on_start(self):
        self.born = time.monotonic()
        self.proxied = {}

    @task
    def next_kind(self):
        next(turn)(self)
