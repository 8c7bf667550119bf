"""Cases of HttpUser: what a locustfile does with requests.Session and what Locust adds to it."""

from __future__ import annotations

import copy
import io
import json
import pathlib
import pickle
from datetime import timedelta
from typing import Any

import gevent
import gevent.pool
import requests
import shared_cases
from cases import attempt, exception, http, items, tidy
from locust.clients import HttpSession
from locust.clients import ResponseContextManager as LocustResponse
from locust.exception import InterruptTaskSet, RescheduleTask
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

WRAPS = hasattr(LocustResponse, "wrap_response")
"""Older versions of Locust return a plain requests.Response unless it is asked for by `with`."""


def see(response: Any) -> object:
    """All that a response shows."""
    request = response.request
    return {
        "status": response.status_code,
        "reason": response.reason,
        "ok": attempt(lambda: response.ok),
        "bool": attempt(lambda: bool(response)),
        "url": response.url,
        "headers": items(response.headers),
        "header": response.headers.get("CONTENT-type"),
        "content": repr(response.content),
        "text": response.text,
        "encoding": response.encoding,
        "cookies": sorted(response.cookies.get_dict().items()),
        "history": [[past.status_code, past.url, items(past.headers), repr(past.content)] for past in response.history],
        "redirect": [response.is_redirect, response.is_permanent_redirect],
        "next": None if response.next is None else response.next.url,
        "links": response.links,
        "error": exception(response.error) if isinstance(response, LocustResponse) else None,
        "elapsed": isinstance(response.elapsed, timedelta),
        "types": [isinstance(response, requests.Response), not WRAPS or isinstance(response, LocustResponse)],
        "repr": repr(response),
        "request": None
        if request is None
        else [request.method, request.url, request.path_url, items(request.headers), tidy(repr(request.body))],
    }


@http
def request_by_name_of_method(user: Any) -> object:
    return [see(user.client.request(method, "/echo")) for method in ("get", "POST", "PROPFIND")]


@http
def url_is_quoted(user: Any) -> object:
    paths = ["/hello/ä b", "/hello?q=a b&ü=1", "/hello/%7Euser%2Fx", "/hello/a%zz", "/hello#part", "/hello?x=1#part"]
    return [see(user.client.get(path)) for path in paths]


@http
def path_without_slash(user: Any) -> object:
    return see(user.client.get("?only=query"))


@http
def url_of_bytes(user: Any) -> object:
    return attempt(lambda: see(user.client.get(b"/hello")))


@http
def params(user: Any) -> object:
    client = user.client
    return [
        see(client.get("/hello", params={"a": "1", "b": ["x", "y"], "none": None, "ü": "ö &="})),
        see(client.get("/hello?first=1", params=[("a", 1), ("a", 2)])),
        see(client.get("/hello", params="raw=1&b=2")),
        see(client.get("/hello", params=b"raw=bytes")),
        see(client.get("/hello", params={})),
    ]


@http
def own_headers(user: Any) -> object:
    client = user.client
    return [
        see(client.get("/hello", headers={"X-Own": "1", "user-agent": "mine", "Accept": None})),
        see(client.get("/hello", headers={"X-Bytes": b"2", "Host": "elsewhere.example"})),
        attempt(lambda: see(client.get("/hello", headers={"X-Bad": "a\nb"}))),
        attempt(lambda: see(client.get("/hello", headers={"X-Number": 3}))),
        attempt(lambda: see(client.get("/hello", headers={"X-Space": " a"}))),
    ]


@http
def session_headers(user: Any) -> object:
    client = user.client
    seen = [items(client.headers), client.headers["user-agent"]]
    client.headers["X-Session"] = "1"
    seen.append(see(client.get("/hello")))
    client.headers.update({"Authorization": "Bearer token", "x-session": "2"})
    seen.append(see(client.get("/hello", headers={"X-Own": "3"})))
    seen.append(see(client.get("/hello", headers={"X-Session": None})))
    del client.headers["x-session"]
    seen.append(see(client.get("/hello")))
    client.headers = {"User-Agent": "replaced"}
    seen.append(see(client.get("/hello")))
    return seen


@http
def session_params(user: Any) -> object:
    user.client.params = {"key": "k"}
    return [see(user.client.get("/hello")), see(user.client.get("/hello?a=1", params={"b": 2, "key": None}))]


@http
def post_text(user: Any) -> object:
    return [see(user.client.post("/echo", data=body)) for body in ("text", "grün", b"\x00bytes", "")]


@http
def post_form(user: Any) -> object:
    client = user.client
    return [
        see(client.post("/echo", data={"user": "ann", "password": "a b&c=ü", "many": [1, 2]})),
        see(client.post("/echo", {"positional": "1"})),
        see(client.post("/echo", data=[("a", 1), ("a", 2)])),
        see(client.post("/echo", data={})),
        see(client.post("/echo", data={"own": 1}, headers={"Content-Type": "application/x-own"})),
    ]


@http
def post_json(user: Any) -> object:
    client = user.client
    return [
        see(client.post("/echo", json={"name": "Grüße", "n": [1, 2.5, None, True]})),
        see(client.post("/echo", json=[])),
        see(client.post("/echo", None, {"positional": 1})),
        see(client.put("/echo", json="text", headers={"content-type": "application/vnd.own+json"})),
        see(client.patch("/echo", data={"form": 1}, json={"ignored": 1})),
        attempt(lambda: client.post("/echo", json={"bad": float("nan")})),
        attempt(lambda: client.post("/echo", json=object())),
    ]


@http
def post_files(user: Any) -> object:
    client = user.client
    return [
        see(client.post("/echo", files={"file": ("a.txt", io.BytesIO(b"contents"), "text/plain")}, data={"x": "1"})),
        see(client.post("/echo", files={"file": io.StringIO("text")})),
        see(client.post("/echo", files=[("f", ("1", b"one")), ("f", ("2", b"two", "x/y", {"X-Part": "1"}))])),
    ]


class NamedFile(io.BytesIO):
    name = "/some/where/named.bin"


@http
def files_in_all_forms(user: Any) -> object:
    forms: list[dict[str, Any]] = [
        {"files": {"a": b"bytes"}},
        {"files": {"a": "text, grüße"}},
        {"files": {"a": NamedFile(b"named")}},
        {"files": {"a": ("b.txt", b"1", None)}},
        {"files": {"a": ("b.txt", "1", "text/plain", {"X-One": "1", "Content-Location": "/x"})}},
        {"files": {'q"uote': ('c"\r\nä.txt', b"2")}},
        {"files": {"a": None}},
        {"files": {"a": bytearray(b"3")}},
        {"files": {"a": ("only one",)}},
        {"files": {"a": 5}},
        {"files": "text"},
        {"files": {"a": b"4"}, "data": "text"},
        {"files": {"a": b"5"}, "data": {"n": 7, "l": ["x", b"y", 1.5], "none": None, "b": True}},
        {"files": {"a": b"6"}, "data": [("x", "1"), ("x", "2")]},
        {"files": {"a": b"7"}, "json": {"lost": True}},
        {"files": {"a": b"8"}, "headers": {"Content-Type": "my/own"}},
        {"files": {"a": b"9"}, "auth": ("ann", "secret"), "params": {"q": 1}},
        {"files": {}, "data": {"x": "1"}},
    ]
    return [attempt(lambda form=form: see(user.client.post("/echo", **form))) for form in forms]  # type: ignore[misc]


@http
def files_that_are_read_once(user: Any) -> object:
    file = io.BytesIO(b"once only")
    answers = [user.client.put("/echo", files={"a": file}), user.client.put("/echo", files={"a": file})]
    return [see(answer) for answer in answers]


@http
def post_stream_of_bytes(user: Any) -> object:
    return [
        see(user.client.post("/echo", data=io.BytesIO(b"a file of bytes"))).__class__.__name__,
        user.client.post("/echo", data=(part for part in (b"gene", b"rated"))).text,
    ]


@http
def bodies_of_files(user: Any) -> object:
    class Halves(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(4 if size is None or size < 0 else min(size, 4))

    half_read = io.BytesIO(b"a file that was read already")
    half_read.read(7)
    moved = io.BytesIO(b"sent once")
    answers = [
        attempt(lambda: see(user.client.post("/echo", data=half_read))),
        attempt(lambda: see(user.client.put("/echo", data=moved, headers={"Content-Type": "a/b"}))),
        attempt(lambda: see(user.client.post("/redirect/307", data=io.BytesIO(b"again and again")))),
        attempt(lambda: see(user.client.post("/echo", data=Halves(b"in halves")))),
    ]
    with pathlib.Path(__file__).open("rb") as file:
        answers.append(attempt(lambda: see(user.client.post("/echo", data=file))))
    return answers


@http
def bodies_of_odd_files(user: Any) -> object:
    spent = io.BytesIO(b"read already")
    spent.read()
    files = (io.BytesIO(b""), io.StringIO("text"), spent)
    return [attempt(lambda file=file: see(user.client.post("/echo", data=file))) for file in files]  # type: ignore[misc]


@http
def head_does_not_follow(user: Any) -> object:
    return [see(user.client.head("/redirect/302")), see(user.client.head("/redirect/302", allow_redirects=True))]


@http
def statuses(user: Any) -> object:
    return [see(user.client.get(f"/status/{code}")) for code in (200, 201, 204, 304, 400, 404, 418, 500, 599)]


@http
def status_without_reason(user: Any) -> object:
    return [see(user.client.get("/status/200?reason=")), see(user.client.get("/status/503?reason="))]


@http
def named(user: Any) -> object:
    user.client.get("/hello?id=1", name="/hello?id=[id]")
    user.client.post("/echo", name="posted", data="x")
    return user.client.get("/status/500", name="broken").request_meta["name"]


@http
def rename_request(user: Any) -> object:
    with user.client.rename_request("group"):
        user.client.get("/hello?1")
        user.client.get("/hello?2", name="own")
        user.client.get("/status/500")
    user.client.get("/hello?3")
    user.client.request_name = "attribute"
    user.client.get("/hello?4")
    return user.client.request_name


@http
def request_meta(user: Any) -> object:
    meta = user.client.get("/hello", context={"a": 1}).request_meta
    return [sorted(meta), meta["url"], meta["response_length"], type(meta["response_time"]).__name__]


@http
def catch_and_rename(user: Any) -> object:
    with user.client.get("/hello", catch_response=True) as response:
        response.request_meta["name"] = "renamed"
        response.request_meta["context"] = {"changed": True}
        response.request_meta["response_time"] = 1234
    return see(response)


@http
def catch_raise_for_status(user: Any) -> object:
    with user.client.get("/status/404", catch_response=True) as response:
        first = attempt(response.raise_for_status)
        response.failure("mine")
        second = attempt(response.raise_for_status)
        response.success()
        return [first, second, attempt(response.raise_for_status)]


@http
def catch_misused(user: Any) -> object:
    def without_flag() -> None:
        with user.client.get("/hello"):
            pass

    if not WRAPS:
        return None
    response = user.client.get("/hello", catch_response=True)
    plain = user.client.get("/hello")
    return [
        attempt(without_flag),
        attempt(response.success),
        attempt(lambda: response.failure("x")),
        attempt(plain.success),
        attempt(lambda: plain.failure("x")),
    ]


@http
def catch_interrupts(user: Any) -> object:
    def leave(error: Exception) -> None:
        with user.client.get("/hello", catch_response=True):
            raise error

    return [attempt(lambda: leave(InterruptTaskSet(True))), attempt(lambda: leave(RescheduleTask()))]


@http
def again_with_other_settings(user: Any) -> object:
    client = user.client
    seen, twice = shared_cases.asked_twice(client, see)

    twice()
    client.headers["X-One"] = "1"
    twice()
    client.headers.update({"X-Two": "2", "x-one": "one"})
    twice()
    del client.headers["X-One"]
    twice()
    client.headers = {"X-Three": "3", "Accept-Encoding": "gzip"}
    twice()
    client.headers["X-Three"] = "three"
    twice()
    client.auth = ("ann", "secret")
    twice()
    client.auth = HTTPBasicAuth("bob", "secret")
    twice()
    client.auth.username = "carl"
    twice()
    client.auth = None
    twice()
    client.params = {"a": "1"}
    twice()
    client.params["b"] = "2"
    twice()
    client.params.clear()
    client.hooks["response"].append(lambda response, **_kwargs: seen.append(response.url))
    twice()
    return seen


@http
def again_with_cookies_of_its_own(user: Any) -> object:
    client = user.client
    seen = [see(client.get("/hello"))]
    client.cookies.set("a", "1")
    seen += [see(client.get("/hello")), see(client.get("/hello"))]
    client.cookies.set("a", None)
    seen.append(see(client.get("/hello")))
    client.cookies = requests.cookies.cookiejar_from_dict({"b": "2"})
    seen += [see(client.get("/hello")), see(client.get("/hello"))]
    client.cookies.clear()
    return [*seen, see(client.get("/hello"))]


@http
def responses_are_copied(user: Any) -> object:
    client = user.client
    client.get("/hello")
    response = client.get("/hello")
    client.get("/cookie?a=b%3Dc")
    cookies = pickle.loads(pickle.dumps(client.cookies))
    copies = [copy.copy(response), pickle.loads(pickle.dumps(client.get("/json")))]
    return [[each.status_code, each.text, each.url, each.reason] for each in copies], sorted(cookies.items())


@http
def rest(user: Any) -> object:
    with user.rest("GET", "/json") as response:
        seen = [response.js]
    with user.rest("POST", "/echo", json={"a": 1}) as response:
        seen.append(response.js)
        assert response.js["a"] == 2, "a is not two"
    with user.rest("GET", "/hello") as response:
        seen.append(response.js)
    with user.rest_("GET", "/json?x=1") as response:
        seen.append(response.status_code)
    return seen


@http
def redirects_of_post(user: Any) -> object:
    targets = [f"/redirect/{code}?to=/echo" for code in (301, 302, 303, 307, 308)]
    return [see(user.client.post(target, data={"a": "1"}, headers={"X-Own": "1"})) for target in targets]


@http
def redirects_loop(user: Any) -> object:
    user.client.max_redirects = 4
    return see(user.client.get("/loop"))


@http
def redirects_not_followed(user: Any) -> object:
    return see(user.client.get("/redirect/302", allow_redirects=False))


@http
def redirects_to_odd_places(user: Any) -> object:
    client = user.client
    places = [
        "//127.0.0.1:{port}/hello?slashes",
        "hello?relative",
        "/hello%3Fnot%20query",
        "?only=query",
        "/hello#frag",
    ]
    port = user.host.rpartition(":")[2]
    return [see(client.get("/redirect/302", params={"to": place.format(port=port)})) for place in places]


@http
def redirects_elsewhere(user: Any) -> object:
    client = user.client
    client.headers["Authorization"] = "Bearer secret"
    elsewhere = user.host.replace("127.0.0.1", "localhost") + "/hello"
    return [
        see(client.get("/redirect/302", params={"to": elsewhere}, cookies={"c": "1"})),
        attempt(lambda: see(client.get("/redirect/302", params={"to": "ftp://127.0.0.1/x"}))),
        attempt(lambda: see(client.get("/redirect/302", params={"to": "http://"}))),
    ]


@http
def cookies_are_kept(user: Any) -> object:
    client = user.client
    seen = [see(client.get("/cookie?1=a%3D1%3B%20Path%3D/&2=b%3Dtwo%3B%20HttpOnly"))]
    seen.append(see(client.get("/hello")))
    seen.append(see(client.get("/cookie?1=a%3D3%3B%20Path%3D/")))
    seen.append(see(client.get("/hello")))
    seen.append(sorted((cookie.name, cookie.value, cookie.path) for cookie in client.cookies))
    return seen


@http
def cookies_of_session(user: Any) -> object:
    client = user.client
    client.cookies["token"] = "t1"
    seen = [see(client.get("/hello"))]
    client.cookies.set("scoped", "s", path="/echo")
    seen += [see(client.get("/echo/x")), see(client.get("/hello"))]
    client.cookies.update({"more": "m"})
    seen.append(client.cookies.get_dict())
    seen.append(requests.utils.dict_from_cookiejar(client.cookies))
    del client.cookies["token"]
    seen.append(see(client.get("/hello")))
    client.cookies.clear()
    seen.append(see(client.get("/hello")))
    requests.utils.add_dict_to_cookiejar(client.cookies, {"added": "1"})
    seen.append(see(client.get("/hello")))
    return seen


@http
def cookies_of_request(user: Any) -> object:
    client = user.client
    client.cookies["session"] = "1"
    return [see(client.get("/hello", cookies={"own": "2", "session": "3"})), see(client.get("/hello"))]


@http
def cookies_by_header(user: Any) -> object:
    client = user.client
    client.cookies["session"] = "1"
    return see(client.get("/hello", headers={"Cookie": "own=2"}))


@http
def cookies_expire(user: Any) -> object:
    client = user.client
    client.get("/cookie?1=gone%3D1%3B%20Max-Age%3D1000&2=stays%3D2")
    seen = [see(client.get("/hello"))]
    client.get("/cookie?1=gone%3D1%3B%20Max-Age%3D0")
    seen.append(see(client.get("/hello")))
    client.get("/cookie?1=past%3D1%3B%20Expires%3DWed%2C%2021%20Oct%202015%2007%3A28%3A00%20GMT")
    seen.append(see(client.get("/hello")))
    return seen


@http
def cookies_secure_and_scoped(user: Any) -> object:
    client = user.client
    client.get(
        "/cookie/deep?1=s%3D1%3B%20Secure&2=p%3D2%3B%20Path%3D/echo&3=d%3D3%3B%20Domain%3Dexample.org&4=q%3D%22a%20b%22"
    )
    return [see(client.get("/hello")), see(client.get("/echo/x")), see(client.get("/cookie/deeper"))]


@http
def basic_auth(user: Any) -> object:
    client = user.client
    seen = [see(client.get("/basic")), see(client.get("/basic", auth=("ann", "sécret")))]
    seen.append(see(client.get("/basic", auth=HTTPBasicAuth("bob", "x"))))
    client.auth = ("session", "password")
    seen.append(see(client.get("/basic")))
    seen.append(see(client.get("/basic", auth=("own", "one"))))
    return seen


@http
def auth_in_url(user: Any) -> object:
    url = user.host.replace("http://", "http://ann:p%40ss@") + "/basic"
    return see(user.client.get(url))


@http
def auth_in_host(user: Any) -> object:
    session = HttpSession(user.host.replace("http://", "http://ann:p%40ss@"), user.environment.events.request, user)
    return [see(session.get("/basic")), session.base_url]


@http
def digest_auth(user: Any) -> object:
    response = user.client.get("/digest", auth=HTTPDigestAuth("ann", "secret"))
    return [response.status_code, response.text, [past.status_code for past in response.history]]


@http
def own_auth(user: Any) -> object:
    class Token(AuthBase):
        def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.headers["X-Token"] = str(len(request.body or ""))
            return request

    return see(user.client.post("/echo", data="four", auth=Token()))


@http
def hooks(user: Any) -> object:
    seen: list[object] = []

    def note(response: requests.Response, **kwargs: object) -> None:
        seen.append([response.status_code, response.url, sorted(kwargs)])

    user.client.get("/redirect/302", hooks={"response": note})
    user.client.hooks["response"].append(note)
    user.client.get("/hello")
    return seen


@http
def hook_that_changes(user: Any) -> object:
    def change(response: requests.Response, **_kwargs: object) -> requests.Response:
        response.status_code = 299
        return response

    return see(user.client.get("/hello", hooks={"response": [change]}))


@http
def timeouts(user: Any) -> object:
    client = user.client
    return [
        see(client.get("/delay/0", timeout=5)),
        see(client.get("/delay/0?tuple", timeout=(3, 5))),
        see(client.get("/delay/0?half", timeout=(None, 5))),
        see(client.get("/delay/600", timeout=0.2)),
        see(client.get("/delay/600?tuple", timeout=(5, 0.2))),
        attempt(lambda: client.get("/hello", timeout=(1, 2, 3))),
    ]


@http
def timeouts_of_each_read(user: Any) -> object:
    client = user.client
    return [
        see(client.get("/drip/6", timeout=0.4)),
        see(client.get("/stall", timeout=0.4)),
        see(client.get("/stall", timeout=0.4, stream=False, headers={"A": "b"}, name="stalled")),
        see(client.get("/stall", timeout=0.4, auth=requests.auth.HTTPBasicAuth("ann", "secret"))),
    ]


@http
def bad_urls(user: Any) -> object:
    client = user.client
    urls = ["http://", "http:///path", "http://127.0.0.1:99999/", "http://[::1/", "http://*bad/", "http://a..b/"]
    return [attempt(lambda url=url: see(client.get(url))) for url in urls]  # type: ignore[misc]


@http
def no_host(user: Any) -> object:
    session = HttpSession("", user.environment.events.request, user)
    return [attempt(lambda: see(session.get("/hello"))), attempt(lambda: see(session.get("ftp://x/hello")))]


@http
def broken_answers_caught(user: Any) -> object:
    with user.client.get("/close", catch_response=True) as response:
        seen = [response.status_code, attempt(response.raise_for_status)]
    with user.client.get("/close?2", catch_response=True) as response:
        response.success()
    return seen


@http
def broken_answer_to_post(user: Any) -> object:
    user.client.post("/hello")
    return see(user.client.post("/close", data="x"))


@http
def interim_answers(user: Any) -> object:
    return see(user.client.get("/continue"))


@http
def texts(user: Any) -> object:
    client = user.client
    seen = [see(client.get("/text?charset=utf-8")), see(client.get("/text?charset=iso-8859-2"))]
    seen += [see(client.get("/text")), see(client.get("/text?type=application/json")), see(client.get("/untyped"))]
    response = client.get("/text?charset=latin-1&encode=utf-8")
    response.encoding = "utf-8"
    return [*seen, response.text, response.apparent_encoding]


@http
def json_body(user: Any) -> object:
    response = user.client.get("/json")
    return [response.json(), response.json(parse_int=str), attempt(user.client.get("/hello").json)]


@http
def answer_headers(user: Any) -> object:
    response = user.client.get("/many-headers")
    return [see(response), dict(response.headers), "x-one" in response.headers, response.headers.get("nope", "default")]


@http
def content_again(user: Any) -> object:
    response = user.client.get("/bytes/100000")
    return [
        len(response.content),
        response.content is response.content,
        [len(part) for part in response.iter_content(40000)],
    ]


@http
def iterate(user: Any) -> object:
    response = user.client.get("/lines")
    return [list(response.iter_lines()), list(response), list(response.iter_lines(decode_unicode=True, delimiter="\n"))]  # type: ignore[arg-type]


@http
def stream(user: Any) -> object:
    with user.client.get("/lines", stream=True, catch_response=True) as response:
        seen: list[object] = [repr(list(response.iter_lines()))]
    response = user.client.get("/bytes/5000", stream=True)
    seen += [len(chunk) for chunk in response.iter_content(2048)]
    response = user.client.get("/chunked", stream=True)
    seen.append(repr(response.raw.read(5)))
    response.close()
    return seen


@http
def raw(user: Any) -> object:
    raw_answer = user.client.get("/hello").raw
    return [
        raw_answer.status,
        raw_answer.version,
        raw_answer.reason,
        items(raw_answer.headers),
        repr(raw_answer.read()),
    ]


@http
def own_adapter(user: Any) -> object:
    class Counting(HTTPAdapter):
        sent = 0

        def send(self, *args: Any, **kwargs: Any) -> requests.Response:
            Counting.sent += 1
            return super().send(*args, **kwargs)

    user.client.mount("http://", Counting())
    return [see(user.client.get("/redirect/302")), Counting.sent]


@http
def adapters(user: Any) -> object:
    client = user.client
    return [list(client.adapters), isinstance(client, requests.Session), isinstance(client, HttpSession)]


@http
def proxies(user: Any) -> object:
    return see(user.client.get("http://elsewhere.example/hello", proxies={"http": user.host}))


@http
def prepared(user: Any) -> object:
    client = user.client
    client.headers["X-Session"] = "1"
    client.cookies["c"] = "1"
    client.get("/hello")
    request = client.prepare_request(requests.Request("POST", f"{user.host}/echo", json={"a": 1}))
    response = client.send(request)
    return [response.status_code, response.text, items(request.headers)]


@http
def verify_and_cert(user: Any) -> object:
    user.client.verify = False
    return [see(user.client.get("/hello")), see(user.client.get("/hello", verify=True))]


@http
def session_attributes(user: Any) -> object:
    client = user.client
    client.greeting = "own attribute"
    return [
        client.base_url,
        client.trust_env,
        client.verify,
        client.cert,
        client.auth,
        client.stream,
        client.max_redirects,
        dict(client.proxies),
        dict(client.params),
        dict(client.hooks),
        client.greeting,
        client.user is user,
    ]


@http
def session_as_context(user: Any) -> object:
    with user.client as client:
        first = client.get("/hello").status_code
    return [first, user.client.get("/hello").status_code]


@http
def subclass_of_session(user: Any) -> object:
    class Signing(HttpSession):
        def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            kwargs["headers"] = {"X-Signed": f"{method} {url}"}
            return super().request(method, url, *args, **kwargs)

    session = Signing(base_url=user.host, request_event=user.environment.events.request, user=user)
    return [see(session.get("/hello")), see(session.post("/echo", json={"a": 1}))]


@http
def pickled_and_copied(user: Any) -> object:
    response = requests.Response()
    response.__setstate__(user.client.get("/hello").__getstate__())
    return [response.status_code, response.text, items(response.headers)]


@http
def spawned_in_a_task(user: Any) -> object:
    jobs = [gevent.spawn(user.client.get, f"/delay/{100 + n}") for n in range(3)]
    gevent.joinall(jobs)
    return [see(job.value) for job in jobs]


@http
def unique_names(user: Any) -> object:
    for n in range(30):
        user.client.get(f"/hello/{n}")
    return json.dumps([entry.num_requests for entry in user.environment.stats.entries.values()])


shared_cases.add_to(http, see)
