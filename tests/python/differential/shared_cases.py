"""Cases that are the same for HttpUser and FastHttpUser: what both sessions promise alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
import gevent.pool
from cases import Registry, attempt
from locust import HttpUser
from locust.exception import CatchResponseError, StopUser

See = Callable[[Any], object]
"""All that a response shows, in the words of its kind."""
_cases: list[Callable[[Any, See], object]] = []


def both(function: Callable[[Any, See], object]) -> Callable[[Any, See], object]:
    _cases.append(function)
    return function


def add_to(registry: Registry, see: See) -> None:
    """Registers them for one kind of user."""
    for case in _cases:
        registry.add(case.__name__, lambda user, case=case: case(user, see))  # type: ignore[misc]


def asked_twice(client: Any, see: See) -> tuple[list[object], Callable[[], None]]:
    """What was seen so far, and a function that asks twice for more: the second time may take a shorter way."""
    seen: list[object] = []

    def twice() -> None:
        seen.extend([see(client.get("/hello")), see(client.get("/hello"))])

    return seen, twice


@both
def get(user: Any, see: See) -> object:
    return see(user.client.get("/hello"))


@both
def get_absolute(user: Any, see: See) -> object:
    return see(user.client.get(f"{user.host}/hello?absolute=1"))


@both
def get_many_times(user: Any, _see: See) -> object:
    return [user.client.get("/hello").status_code for _ in range(5)]


@both
def every_method(user: Any, see: See) -> object:
    client = user.client
    calls = [client.get, client.post, client.put, client.patch, client.delete, client.head, client.options]
    return [see(call("/echo/method")) for call in calls]


@both
def raise_for_status(user: Any, _see: See) -> object:
    response = user.client.get("/status/404", name="missing")
    return [attempt(response.raise_for_status), attempt(user.client.get("/hello").raise_for_status)]


@both
def context(user: Any, see: See) -> object:
    user.context = lambda: {"user": "ann"}
    user.client.get("/hello", context={"task": "a"})
    return see(user.client.get("/hello"))


@both
def catch_success(user: Any, see: See) -> object:
    with user.client.get("/status/404", catch_response=True) as response:
        response.success()
    with user.client.get("/hello", catch_response=True) as response:
        pass
    with user.client.get("/status/500", catch_response=True) as response:
        pass
    return see(response)


@both
def catch_failure(user: Any, see: See) -> object:
    client = user.client
    with client.get("/hello", catch_response=True) as response:
        response.failure("not what was wanted")
    with client.get("/hello?1", catch_response=True, name="raised") as response:
        response.failure(ValueError("an exception"))
    with client.get("/hello?2", catch_response=True) as response:
        raise CatchResponseError("raised inside")
    with client.get("/hello?3", catch_response=True) as response:
        response.failure("first")
        response.success()
    return see(response)


@both
def catch_other_exception(user: Any, _see: See) -> object:
    def fails() -> None:
        with user.client.get("/hello", catch_response=True):
            raise KeyError("a bug")

    return attempt(fails)


@both
def redirects(user: Any, see: See) -> object:
    return [see(user.client.get(f"/redirect/{code}")) for code in (301, 302, 303, 307, 308)]


@both
def redirects_chain(user: Any, see: See) -> object:
    return see(user.client.get("/hops/3"))


@both
def cookies_on_a_redirect(user: Any, see: See) -> object:
    return [see(user.client.get("/cookie-redirect")), see(user.client.get("/hello"))]


@both
def refused(user: Any, see: See) -> object:
    return see(user.client.get("http://127.0.0.1:1/hello"))


@both
def unknown_host(user: Any, see: See) -> object:
    return see(user.client.get("http://host.invalid/hello"))


@both
def broken_answers(user: Any, see: See) -> object:
    return [see(user.client.get(path)) for path in ("/close", "/truncated", "/half-chunk", "/nonsense", "/badgzip")]


@both
def encodings(user: Any, see: See) -> object:
    return [see(user.client.get(path)) for path in ("/gzip", "/deflate", "/chunked", "/until-close", "/goodbye")]


@both
def odd_heads(user: Any, see: See) -> object:
    paths = ("/line-feeds", "/length-in-a-list", "/length-twice", "/folded")
    return [attempt(lambda each=each: see(user.client.get(each))) for each in paths]  # type: ignore[misc]


@both
def content_encodings(user: Any, see: See) -> object:
    def ask(encoding: str) -> object:
        return see(user.client.get(f"/encoded?as={encoding}"))

    def judge(encoding: str) -> None:
        with user.client.get(f"/encoded?as={encoding}", catch_response=True) as response:
            response.failure("as I say")

    encodings = ("none", "UTF-8", "aws-chunked", "identity", "compress", "none")
    return [[attempt(lambda each=each, what=what: what(each)) for each in encodings] for what in (ask, judge)]  # type: ignore[misc]


@both
def connection_is_kept(user: Any, _see: See) -> object:
    return [user.client.get(path).status_code for path in ("/hello", "/goodbye", "/hello", "/status/500", "/hello")]


@both
def pool_in_a_task(user: Any, _see: See) -> object:
    pool = gevent.pool.Pool(5)
    return pool.map(lambda n: user.client.get(f"/delay/100?{n}", name="/delay").status_code, range(10))


@both
def given_up_by_timeout(user: Any, _see: See) -> object:
    seen: list[object] = []
    with gevent.Timeout(0.1, False):
        user.client.get("/delay/500")
        seen.append("not given up")
    seen.append(user.client.get("/hello").text)
    return seen


@both
def again_with_other_names(user: Any, see: See) -> object:
    client = user.client
    seen = [see(client.get("/hello", name=name)) for name in (None, "one", "", None)]
    with client.rename_request("renamed"):
        seen += [see(client.get("/hello")), see(client.get("/hello", name="two"))]
    client.request_name = "assigned"
    seen.append(see(client.get("/hello", context={"a": "b"})))
    client.request_name = None
    with client.get("/hello", catch_response=True, name="caught") as response:
        response.failure("no")
    return [*seen, see(client.get("/hello"))]


@both
def again_with_other_cookies(user: Any, see: See) -> object:
    client = user.client
    seen = [see(client.get("/hello")), see(client.get("/hello"))]
    for values in ("?a=one%3D1", "?a=two%3D2; Path=/hello", "?a=two%3D3; Path=/hello", "?a=one%3D; Max-Age%3D0"):
        client.get("/cookie" + values)
        seen += [see(client.get("/hello")), see(client.get("/hello"))]
    client.get("/cookie?a=short%3Dlived; Max-Age%3D1")
    seen += [see(client.get("/hello")), see(client.get("/hello"))]
    gevent.sleep(1.2)
    return [*seen, see(client.get("/hello"))]


@both
def again_to_another_host(user: Any, see: See) -> object:
    client = user.client
    seen = [see(client.get("/hello")), see(client.get("/hello"))]
    client.base_url = user.host.replace("127.0.0.1", "localhost") + "/text"
    return [*seen, see(client.get("/hello")), see(client.get("/hello"))]


@both
def again_with_other_answers(user: Any, see: See) -> object:
    client = user.client
    paths = ("/status/404", "/redirect/302", "/hello", "/cookie?a=b%3Dc")
    seen = [see(client.get(path)) for path in paths for _ in range(2)]
    seen += [see(client.get("/redirect/302", allow_redirects=False)) for _ in range(2)]
    for path in ("/status/404", "/redirect/302", "/hello"):
        with client.get(path, catch_response=True) as response:
            seen.append(see(response))
    return seen


@both
def again_within_a_time_limit(user: Any, _see: See) -> object:
    client = user.client
    client.get("/delay/1")

    def late() -> object:
        with gevent.Timeout(0.1):
            return client.get("/delay/400").status_code

    client.get("/delay/400?first")
    return [attempt(late), attempt(late), client.get("/delay/1").status_code]


@both
def again_through_wrappers(user: Any, _see: See) -> object:
    client = user.client
    seen: list[object] = [client.get("/hello").status_code, client.get("/hello").status_code]
    request = client.request

    def wrapper(method: str, url: str, **kwargs: Any) -> Any:
        seen.append([method, url])
        return request(method, url, **kwargs)

    client.request = wrapper
    seen += [client.get("/hello").status_code, client.get("/hello").status_code]
    del client.request

    def override(self: Any, method: str, url: str, **kwargs: Any) -> Any:
        seen.append(["override", method, url])
        return base.request(self, method, url, **kwargs)

    base = type(client)
    client.__class__ = type("Own", (base,), {"request": override})
    seen += [client.get("/hello").status_code, client.get("/hello").status_code]
    return seen


@both
def listeners_of_caught_requests(user: Any, _see: See) -> object:
    heard: list[object] = []

    def last_of(url: Any) -> object:
        return url and url.rpartition("/")[2]

    def listener(name: str, response: Any, url: str, context: Any, exception: Any, **meta: Any) -> None:
        heard.append([name, last_of(url), context, str(exception), sorted(meta)])
        heard.append(last_of(getattr(response, "url", None)))
        if isinstance(user, HttpUser):  # the others' listeners get another object than the task
            kept = response.request_meta
            heard.append([kept["name"], kept["context"], sorted(kept)])

    user.environment.events.request.add_listener(listener)
    for context in (type(user).context, lambda _self: {"of": "the user", "k": 1}):
        type(user).context = context
        for judge in (lambda _: None, lambda response: response.success(), lambda response: response.failure("no")):
            for path in ("/hello", "/status/404"):
                with user.client.get(path, name="a name", catch_response=True, context={"k": 2}) as response:
                    judge(response)
                heard.append(last_of(getattr(response, "url", None)))
    user.client.get("/hello", context={"k": 3})
    return heard


@both
def listeners_that_raise_and_change(user: Any, _see: See) -> object:
    event = user.environment.events.request
    heard: list[object] = []

    def once(**meta: Any) -> None:
        event.remove_listener(once)
        event.add_listener(later)
        heard.append(["once", meta["name"]])

    def later(name: str, response: Any, exception: Any, **_meta: Any) -> None:
        heard.append(["later", name, response.status_code, exception])

    def broken(**_meta: Any) -> None:
        heard.append("broken")
        raise ValueError("a listener's own")

    def stops(**_meta: Any) -> None:
        raise StopUser

    for listener in (once, broken):
        event.add_listener(listener)
    for path in ("/hello", "/hello", "/status/404"):
        user.client.get(path)
    event.add_listener(stops)
    return [heard, attempt(lambda: user.client.get("/hello")), heard]
