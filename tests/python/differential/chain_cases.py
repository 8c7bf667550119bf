"""Cases of redirects, for both kinds of users: what is sent on the way, and what the response, its history and the
statistics show of it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import gevent
from cases import attempt, items
from cookie_cases import in_jar, jar_of
from locust import HttpUser
from locust.contrib.fasthttp import ResponseContextManager as FastCaught
from shared_cases import See, both

CODES = (301, 302, 303, 307, 308)


def to(*hops: tuple[int, str], set_cookie: str = "") -> str:
    """The path of a redirect to the second parts, one after the other; the first parts are the codes."""
    url = hops[-1][1]
    for code, _ in reversed(hops):
        cookie = f"&set={quote(quote(set_cookie))}" if set_cookie else ""
        url = f"/redirect/{code}?to={quote_plus(url)}{cookie}"
    return url


def trail(response: Any) -> object:
    """All of its history."""
    if isinstance(response, FastCaught):
        return None
    if not hasattr(response, "reason"):
        return attempt(lambda: [[past.status_code, past.url, past.text, past.headers] for past in response.history])
    return [
        [
            past.status_code,
            past.reason,
            past.url,
            past.text,
            past.request.method,
            past.request.url,
            items(past.request.headers),
            repr(past.request.body),
            [each.url for each in past.history],
            sorted(past.cookies.get_dict().items()),
            isinstance(past.elapsed, timedelta),
            past.is_redirect,
            type(past).__name__,
        ]
        for past in response.history
    ]


def all_of(see: See, response: Any) -> object:
    return [see(response), trail(response)]


@both
def redirects_of_all_methods(user: Any, see: See) -> object:
    seen: list[object] = []
    for code in CODES:
        url = to((code, "/echo"))
        for method in ("GET", "DELETE", "OPTIONS", "PROPFIND", "get"):
            seen.append(all_of(see, user.client.request(method, url)))
        seen.append(all_of(see, user.client.request("HEAD", url, allow_redirects=True)))
        for method in ("POST", "PUT", "PATCH"):
            for body in ({}, {"data": "text"}, {"data": b"bytes"}, {"data": {"a": "b c"}}, {"json": {"a": 1}}):
                seen.append(all_of(see, user.client.request(method, url, **body)))  # type: ignore[arg-type]
    return seen


@both
def redirects_with_bodies_and_types(user: Any, see: See) -> object:
    own = {"Content-Type": "text/own", "Content-Encoding": "own", "X-Own": "1"}
    return [all_of(see, user.client.post(to((code, "/echo")), data="x", headers=own)) for code in CODES]


@both
def redirects_of_mixed_codes(user: Any, see: See) -> object:
    chains = [
        [(307, ""), (302, ""), (307, "/echo")],
        [(308, ""), (307, "/echo")],
        [(301, ""), (308, "/status/404")],
        [(302, ""), (302, "/hello")],
    ]
    return [all_of(see, user.client.post(to(*chain), data="body")) for chain in chains]


@both
def redirects_to_places(user: Any, see: See) -> object:
    port = user.host.rpartition(":")[2]
    places = [
        "/hello?a=b&c=/../d;e",
        f"http://127.0.0.1:{port}/hello/there?x=1",
        f"http://127.0.0.1:{port}",
        f"//127.0.0.1:{port}/hello",
        "hello/relative",
        "307",
        "a:b",
        "./dots",
        "../hello/../hello",
        "/hello/./x/../y",
        "/a//b",
        "/hello;params",
        "/hello;",
        "/hello?",
        "?only=query",
        "#only",
        "/hello#part",
        "/hello?x#part",
        "/with space",
        "/hello/%7Euser/%2F",
        "/hello/%zz",
        "",
        "/hello\\back",
    ]
    return [attempt(lambda place=place: all_of(see, user.client.get(to((302, place))))) for place in places]  # type: ignore[misc]


@both
def redirects_to_nowhere(user: Any, see: See) -> object:
    places = ["http://127.0.0.1:1/hello", "http://host.invalid/", "/close"]
    seen = [attempt(lambda place=place: all_of(see, user.client.get(to((302, place))))) for place in places]  # type: ignore[misc]
    return [*seen, attempt(lambda: all_of(see, user.client.get(to((302, ""), (307, "/close")), name="a name")))]


@both
def redirects_to_failures(user: Any, see: See) -> object:
    client = user.client
    seen = [all_of(see, client.get(to((302, ""), (303, f"/status/{code}")))) for code in (201, 400, 404, 500)]
    for code in (200, 404):
        for judge in (lambda _: None, lambda response: response.success(), lambda response: response.failure("no")):
            with client.get(to((302, f"/status/{code}")), catch_response=True, name="caught") as response:
                judge(response)
                seen.append(all_of(see, response))
    return seen


@both
def redirects_with_credentials(user: Any, see: See) -> object:
    client = user.client
    other = user.host.replace("127.0.0.1", "localhost")
    headers = {"Authorization": "Bearer x", "Proxy-Authorization": "Basic y", "Cookie": "own=1", "Cookie2": "z"}
    seen: list[object] = []
    for place in (
        "/hello",
        f"{user.host}/hello",
        f"{other}/hello",
        f"{other}/redirect/302?to={quote_plus(user.host)}/hello",
    ):
        seen.append(all_of(see, client.get(to((302, place)), headers=headers)))
        seen.append(all_of(see, client.post(to((307, place)), data="x", auth=("ann", "secret"))))
    return seen


@both
def redirects_with_cookies(user: Any, see: See) -> object:
    client = user.client
    other = user.host.replace("127.0.0.1", "localhost")
    cookies = [
        "step=1; Path=/",
        "step=2; Path=/; Max-Age=100000",
        "step=; Path=/; Max-Age=0",
        'odd="a\\"b"; Path=/',
        "v=1; Version=1",
    ]
    seen: list[object] = []
    for cookie in cookies:
        seen += [all_of(see, client.get(to((302, ""), (303, "/headers"), set_cookie=cookie))), in_jar(client)]
        seen += [all_of(see, client.get(to((302, f"{other}/hello"), set_cookie=cookie))), in_jar(client)]
        seen += [all_of(see, client.get(to((302, "/hello#part"), set_cookie=cookie))), in_jar(client)]
        seen += [all_of(see, client.get(to((302, "/cookie?a=at%3Dend"), set_cookie=cookie))), in_jar(client)]
        seen += [all_of(see, client.get(to((302, "/status/404"), set_cookie=cookie))), in_jar(client)]
    jar_of(client).clear()
    chain = f"/redirect/302?set=a%253D1&to={quote_plus('/redirect/302?set=a%253D2&to=' + quote_plus('/hello#end'))}"
    return [*seen, all_of(see, client.get(chain)), in_jar(client)]


@both
def redirects_without_following(user: Any, see: See) -> object:
    client = user.client
    seen = [all_of(see, client.get(to((code, "/hello"), set_cookie="a=1"), allow_redirects=False)) for code in CODES]
    seen += [all_of(see, client.get("/status/302")), all_of(see, client.get("/status/304")), in_jar(client)]
    with client.get(to((302, "/hello")), allow_redirects=False, catch_response=True) as response:
        seen.append(see(response))
    return seen


@both
def redirects_by_names(user: Any, see: See) -> object:
    client = user.client
    seen = [all_of(see, client.get(to((302, "/hello")), name="a name", context={"a": 1}))]
    with client.rename_request("renamed"):
        seen.append(all_of(see, client.get(to((302, "/hello")))))
    return [*seen, all_of(see, client.get(to((302, "/hello")), params={"q": "r s"}))]


@both
def redirects_that_take_long(user: Any, _see: See) -> object:
    """Counted as a whole: with each answer on the way."""
    heard: list[object] = []

    def listen(response_time: float, start_time: float, response: Any, url: str, **_meta: Any) -> None:
        heard.append([140 < response_time < 1000, 0.1 < time.time() - start_time < 2, url.rpartition("/")[2]])
        heard.append(
            response.history and isinstance(user, HttpUser) and [r.elapsed < timedelta(seconds=0.1) for r in [response]]
        )

    user.environment.events.request.add_listener(listen)
    user.client.get(to((302, "/delay/150")))
    user.client.get("/delay/150?then=" + quote("nothing"))
    return [heard, user.environment.stats.total.min_response_time >= 140]


@both
def redirects_to_the_limit(user: Any, see: See) -> object:
    client = user.client
    seen = [all_of(see, client.get(f"/hops/{n}")) for n in (1, 29, 30, 31)]
    for most in (0, 1, 2):
        (client if isinstance(user, HttpUser) else client.client).max_redirects = most
        seen += [all_of(see, client.get(f"/hops/{n}")) for n in (0, 1, 2, 3)]
    return seen


@both
def redirects_within_a_time_limit(user: Any, see: See) -> object:
    def late() -> object:
        with gevent.Timeout(0.1):
            return all_of(see, user.client.get(to((302, "/delay/400"))))

    seen = [attempt(late)]
    with gevent.Timeout(0.1, False):
        user.client.get(to((302, ""), (302, "/delay/400")), catch_response=True)
        seen.append("not given up")
    return [*seen, see(user.client.get("/hello"))]


@both
def redirects_in_a_stream(user: Any, see: See) -> object:
    return [see(user.client.get(to((302, ""), (302, "/hello")), stream=True)), see(user.client.get("/hello"))]
