"""Cases of FastHttpUser: the API of locust.contrib.fasthttp."""

from __future__ import annotations

import inspect
import io
import time
from typing import Any

import gevent
import shared_cases
from cases import attempt, exception, fast, items, tidy
from geventhttpclient.client import HTTPClientPool
from locust.contrib.fasthttp import FastHttpSession, FastResponse, LocustUserAgent
from locust.contrib.fasthttp import ResponseContextManager as FastCaught


def shows_history(response: Any) -> bool:
    """Not with older versions of geventhttpclient, and never for `with`."""
    return not isinstance(response, FastCaught) and hasattr(response, "history")


def session_of(user: Any, host: str | None = None, **settings: Any) -> Any:
    """A session that a locustfile makes itself; Locust has changed what it takes."""
    if "environment" in inspect.signature(FastHttpSession.__init__).parameters or hasattr(user.client, "environment"):
        return FastHttpSession(user.environment, host or user.host, user, **settings)
    return FastHttpSession(host or user.host, user.environment.events.request, user, **settings)


def see(response: Any) -> object:
    """All that a response shows."""
    request = response.request
    return {
        "status": response.status_code,
        "ok": response.ok,
        "url": response.url,
        "headers": None if response.headers is None else items(response.headers.items()),
        "header": None if response.headers is None else response.headers.get("CONTENT-type"),
        "content": attempt(lambda: repr(response.content)),
        "text": attempt(lambda: response.text),
        "encoding": attempt(lambda: response.encoding),
        "error": exception(getattr(response, "error", None)),
        "types": [isinstance(response, FastResponse), isinstance(response, FastCaught)],
        "history": [past.status_code for past in response.history] if shows_history(response) else None,
        "request": None
        if request is None
        else [
            request.method,
            request.url,
            items(request.headers.items()),
            tidy(repr(request.payload)),
            tidy(repr(request.body)),
        ],
    }


@fast
def other_method(user: Any) -> object:
    return [see(user.client.request("PROPFIND", "/hello")), see(user.client.request("get", "/hello"))]


@fast
def url_is_quoted(user: Any) -> object:
    client = user.client
    paths = ["/hello/%7Euser%2Fx", "/hello#part", "/hello?x=1#part", "/hello?a=[1]"]
    if "quoted_uri" in LocustUserAgent._urlopen.__code__.co_consts:
        paths.append("/hello/ä")
    return [attempt(lambda path=path: see(client.get(path))) for path in paths]  # type: ignore[misc]


@fast
def params(user: Any) -> object:
    client = user.client
    return [
        see(client.get("/hello", params={"a": "1", "b": ["x", "y"]})),
        see(client.get("/hello?first=1", params={"c": "ü &"})),
    ]


@fast
def own_headers(user: Any) -> object:
    client = user.client
    own = {"X-Own": "1", "User-Agent": "mine", "accept-encoding": "identity"}
    seen = [see(client.get("/hello", headers=own)), dict(own)]
    seen.append(attempt(lambda: see(client.get("/hello", headers={"X-Bad": "a\nb"}))))
    return seen


@fast
def default_headers(user: Any) -> object:
    session = session_of(user, headers={"X-Default": "d"})
    seen = [see(session.get("/hello")), see(session.get("/hello", headers={"X-Default": "own"}))]
    user.client.client.default_headers["X-Later"] = "l"
    seen.append(see(user.client.get("/hello")))
    return seen


@fast
def post_text(user: Any) -> object:
    client = user.client
    return [
        see(client.post("/echo", data="text")),
        see(client.post("/echo", data="grün")),
        see(client.post("/echo", data=b"\x00bytes")),
        see(client.post("/echo", data="typed", headers={"Content-Type": "application/x-own"})),
        see(client.post("/echo", data="")),
    ]


@fast
def post_form(user: Any) -> object:
    return see(user.client.post("/echo", data={"user": "ann", "password": "a b&c=ü"}))


@fast
def post_json(user: Any) -> object:
    client = user.client
    return [
        see(client.post("/echo", json={"name": "Grüße", "n": [1, 2.5, None, True]})),
        see(client.post("/echo", json=[])),
        see(client.put("/echo", json="text", headers={"content-type": "application/vnd.own+json"})),
        see(client.patch("/echo", data="wins", json={"ignored": 1})),
        attempt(lambda: client.post("/echo", json=object())),
    ]


@fast
def post_files(user: Any) -> object:
    files = {"file": ("a.txt", io.BytesIO(b"contents"), "text/plain")}
    return see(user.client.post("/echo", files=files, data={"x": "1"}))


@fast
def statuses(user: Any) -> object:
    return [see(user.client.get(f"/status/{code}")) for code in (200, 201, 204, 400, 404, 418, 500, 599)]


@fast
def named(user: Any) -> object:
    user.client.get("/hello?id=1", name="/hello?id=[id]")
    user.client.post("/echo", name="posted", data="x")
    return see(user.client.get("/status/500", name="broken"))


@fast
def rename_request(user: Any) -> object:
    with user.client.rename_request("group"):
        user.client.get("/hello?1")
        user.client.get("/hello?2", name="own")
        user.client.get("/status/500")
    user.client.get("/hello?3")
    return user.client.request_name


@fast
def catch_and_rename(user: Any) -> object:
    with user.client.get("/hello", catch_response=True) as response:
        response.request_meta["name"] = "renamed"
        response.request_meta["context"] = {"changed": True}
    return [see(response), sorted(response.request_meta)]


@fast
def catch_misused(user: Any) -> object:
    response = user.client.get("/hello", catch_response=True)
    plain = user.client.get("/hello")
    return [
        attempt(response.success),
        attempt(lambda: response.failure("x")),
        attempt(plain.success),
        attempt(lambda: plain.failure("x")),
    ]


@fast
def rest(user: Any) -> object:
    with user.rest("GET", "/json") as response:
        seen = [response.js]
    with user.rest("POST", "/echo", json={"a": 1}) as response:
        seen.append(response.js)
        assert response.js["a"] == 2, "a is not two"
    with user.rest("GET", "/hello") as response:
        seen.append(response.js)
    with user.rest("GET", "/close") as response:
        seen.append(response.status_code)
    return seen


@fast
def redirects_of_post(user: Any) -> object:
    targets = [f"/redirect/{code}?to=/echo" for code in (301, 302, 303, 307, 308)]
    return [see(user.client.post(target, data="body", headers={"X-Own": "1"})) for target in targets]


@fast
def redirects_loop(user: Any) -> object:
    session = session_of(user, max_redirects=3, max_retries=0)
    return see(session.get("/loop"))


@fast
def redirects_not_followed(user: Any) -> object:
    return [see(user.client.get("/redirect/302", allow_redirects=False)), see(user.client.get("/redirect/302"))]


@fast
def redirects_elsewhere(user: Any) -> object:
    elsewhere = user.host.replace("127.0.0.1", "localhost") + "/hello"
    return see(user.client.get(f"/redirect/302?to={elsewhere}", headers={"Authorization": "Bearer secret"}))


@fast
def cookies_are_kept(user: Any) -> object:
    client = user.client
    seen = [see(client.get("/cookie?1=a%3D1%3B%20Path%3D/&2=b%3Dtwo%3B%20HttpOnly"))]
    seen.append(see(client.get("/hello")))
    seen.append(see(client.get("/cookie?1=a%3D3%3B%20Path%3D/")))
    seen.append(see(client.get("/hello")))
    seen.append(sorted((cookie.name, cookie.value, cookie.path) for cookie in client.cookiejar))
    client.cookiejar.clear()
    seen.append(see(client.get("/hello")))
    return seen


@fast
def cookies_expire(user: Any) -> object:
    client = user.client
    client.get("/cookie?1=gone%3D1%3B%20Max-Age%3D1000&2=stays%3D2")
    seen = [see(client.get("/hello"))]
    client.get("/cookie?1=gone%3D1%3B%20Max-Age%3D0")
    seen.append(see(client.get("/hello")))
    return seen


@fast
def basic_auth(user: Any) -> object:
    return [see(user.client.get("/basic")), see(user.client.get("/basic", auth=("ann", "secret")))]


@fast
def auth_in_host(user: Any) -> object:
    session = session_of(user, user.host.replace("http://", "http://ann:p%40ss@"))
    return [see(session.get("/basic")), session.base_url]


@fast
def timeouts(user: Any) -> object:
    session = session_of(user, network_timeout=0.2, max_retries=0)
    return [see(session.get("/hello")), see(session.get("/delay/600"))]


@fast
def timeouts_of_each_read(user: Any) -> object:
    session = session_of(user, network_timeout=0.4, max_retries=0)
    return see(session.get("/drip/6"))


@fast
def timeout_in_the_body(user: Any) -> object:
    session = session_of(user, network_timeout=0.4, max_retries=3)
    return see(session.get("/stall"))


@fast
def concurrency(user: Any) -> object:
    session = session_of(user, concurrency=2)
    started = time.monotonic()
    asked = [gevent.spawn(session.get, "/delay/150", name="slot") for _ in range(6)]
    gevent.joinall(asked)
    return [[each.value.status_code for each in asked], round((time.monotonic() - started) / 0.15)]


@fast
def killed_while_it_waits_for_a_slot(user: Any) -> object:
    session = session_of(user, concurrency=1)
    asked = [gevent.spawn(session.get, "/delay/150", name="slot") for _ in range(3)]
    gevent.sleep(0.05)
    gevent.kill(asked[1])
    gevent.joinall(asked)
    return [getattr(each.value, "status_code", None) for each in asked]


@fast
def slots_of_a_pool(user: Any) -> object:
    pool = HTTPClientPool(concurrency=2)
    sessions = [session_of(user, client_pool=pool) for _ in range(4)]
    started = time.monotonic()
    gevent.joinall([gevent.spawn(each.get, "/delay/150", name="slot") for each in sessions])
    return round((time.monotonic() - started) / 0.15)


@fast
def broken_answer_caught(user: Any) -> object:
    with user.client.get("/close", catch_response=True) as response:
        seen = [response.status_code, response.content, attempt(response.raise_for_status)]
    with user.client.get("/close?2", catch_response=True) as response:
        response.success()
    return seen


@fast
def texts(user: Any) -> object:
    client = user.client
    paths = ("/text?charset=utf-8", "/text?charset=iso-8859-2", "/text", "/text?type=application/json", "/untyped")
    seen = [see(client.get(path)) for path in paths]
    response = client.get("/text?charset=latin-1&encode=utf-8")
    response.encoding = "utf-8"
    return [*seen, response.text]


@fast
def json_body(user: Any) -> object:
    return [user.client.get("/json").json(), attempt(user.client.get("/hello").json)]


@fast
def answer_headers(user: Any) -> object:
    response = user.client.get("/many-headers")
    return [
        see(response),
        "x-one" in response.headers,
        response.headers.get("nope", "default"),
        response.headers["X-Two"],
    ]


@fast
def stream(user: Any) -> object:
    response = user.client.get("/lines", stream=True)
    seen: list[object] = [response.status_code, repr(response.stream.read(5)), repr(response.stream.read())]
    seen.append(list(user.client.iter_lines("/lines")) if hasattr(user.client, "iter_lines") else None)
    return seen


@fast
def user_settings(user: Any) -> object:
    return [
        user.client.base_url,
        user.client.user is user,
        user.client.client.max_redirects,
        user.client.client.max_retries,
    ]


@fast
def subclass_of_session(user: Any) -> object:
    class Signing(FastHttpSession):
        def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            kwargs["headers"] = {"X-Signed": f"{method} {url}"}
            return super().request(method, url, *args, **kwargs)

    if hasattr(user.client, "environment"):
        session = Signing(environment=user.environment, base_url=user.host, user=user)
    else:
        session = Signing(base_url=user.host, request_event=user.environment.events.request, user=user)
    return [see(session.get("/hello")), see(session.post("/echo", json={"a": 1}))]


@fast
def agent_used_directly(user: Any) -> object:
    response = user.client.client.urlopen(f"{user.host}/hello", method="GET")
    return [response.status_code, repr(response.content)]


shared_cases.add_to(fast, see)


@fast
def again_with_other_settings(user: Any) -> object:
    client = user.client
    seen, twice = shared_cases.asked_twice(client, see)

    twice()
    client.auth_header = "Basic YW5uOnNlY3JldA=="
    twice()
    client.auth_header = None
    twice()
    client.get("/status/404")
    twice()
    client.client.default_headers["X-One"] = "1"
    twice()
    client.client.default_headers["X-One"] = "2"
    twice()
    return seen
