"""Every kind of request with users that are coroutines; KINDS_BASE says of which loop."""

import asyncio
import itertools
import os
import time

import katydid
from katydid import StopUser, constant, task

BASE = os.environ["KINDS_BASE"]
ENDING = os.environ.get("KINDS_ENDING", "")
PROXY = os.environ.get("KINDS_PROXY", "")
TLS = os.environ["KINDS_TLS"]
LIFE = 2.0

if BASE == "TrioUser":
    import trio

    sleep = trio.sleep
else:
    sleep = asyncio.sleep


async def get(user):
    await user.client.get("/delay/10")


async def params(user):
    await user.client.get("/delay/11", params={"exact": 0})


async def headers(user):
    await user.client.get("/delay/12", headers={"X-Kind": "headers"})


async def json(user):
    await user.client.post("/delay/13", json={"a": [1, 2]})


async def form(user):
    await user.client.post("/delay/14", data={"a": "b c"})


async def text(user):
    await user.client.put("/delay/15", data="text")


async def patch(user):
    await user.client.patch("/delay/16", data="text")


async def delete(user):
    await user.client.delete("/delay/17")


async def options(user):
    await user.client.options("/delay/18")


async def head(user):
    await user.client.head("/delay/19")


async def body_of_pieces(user):
    await user.client.post("/delay/27", data=(piece for piece in ("one", "two")))


async def slow_pieces():
    for _ in range(5):
        yield b"piece"
        await sleep(0.05)


async def slow_body(user):
    await user.client.put("/upload", data=slow_pieces())


async def two_redirects(user):
    await user.client.get("/redirect/2")


async def slow_redirect(user):
    await user.client.get("/redirect-to?url=/delay/21")


async def redirect_not_followed(user):
    await user.client.get("/redirect-loop", allow_redirects=False)


async def basic(user):
    await user.client.get("/basic-auth/ann/secret", auth=("ann", "secret"))


async def digest(user):
    await user.client.get("/digest-auth/ann/secret", digest=("ann", "secret"))


async def gzip(user):
    await user.client.get("/gzip/200")


async def chunked(user):
    await user.client.get("/chunked/300")


async def cookie(user):
    await user.client.get("/cookies/set?a=b")


async def failure(user):
    await user.client.get("/status/500")


async def caught(user):
    async with user.client.get("/status/404", catch_response=True) as response:
        response.success()


async def judged_late(user):
    async with user.client.get("/delay/22", catch_response=True) as response:
        await sleep(0.03)
        response.success()


async def slow(user):
    await user.client.get("/delay/500")


async def gone_connection(user):
    await user.client.get("/keepalive/3")


async def one_of_several(user):
    await user.client.get("/delay/23")


async def several_at_once(user):
    if BASE == "TrioUser":
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(one_of_several, user)
    else:
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(one_of_several(user))


async def stream(user):
    async with user.client.get("/slow-body?bytes=512&chunk=64&interval_ms=5", stream=True) as response:
        assert len(await response.read()) == 512


async def half_read(user):
    async with user.client.get("/bytes/300000", stream=True, catch_response=True) as response:
        async for _ in response.iter_content(1000):
            break


async def through_proxy(user):
    await user.client.get("/delay/24", proxy=PROXY)


async def body_through_proxy(user):
    await user.client.post("/delay/25", data="text", proxy=PROXY)


async def through_tunnel(user):
    await user.client.get(TLS + "/delay/26", proxy=PROXY, verify=False)


async def end(user):
    """A user that ends itself, or the whole worker."""
    if ENDING == "StopUser" and time.monotonic() > user.born + LIFE:
        raise StopUser
    if ENDING == "quit" and time.monotonic() > user.born + LIFE:
        user.environment.quit()


KINDS = (
    *(get, params, headers, json, form, text, patch, delete, options, head, two_redirects, slow_redirect),
    *(redirect_not_followed, basic, digest, gzip, chunked, cookie, failure, caught, judged_late, slow, gone_connection),
    *(several_at_once, stream, half_read, body_of_pieces, slow_body, end),
    *((through_proxy, body_through_proxy, through_tunnel) if PROXY else ()),
)
turn = itertools.cycle(KINDS)


class Kinds(getattr(katydid, BASE)):
    wait_time = constant(0.01)

    async def on_start(self):
        self.born = time.monotonic()

    @task
    async def next_kind(self):
        await next(turn)(self)
