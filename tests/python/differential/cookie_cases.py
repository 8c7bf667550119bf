"""Cases of Set-Cookie, for both kinds of users: what the jar has after it, and what is sent then."""

from __future__ import annotations

import copy
import pickle
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

from locust import HttpUser
from shared_cases import See, both


def jar_of(client: Any) -> Any:
    return client.cookies if hasattr(client, "cookies") else client.cookiejar


def in_jar(client: Any) -> object:
    """All that its cookies are, in their order."""
    cookies = [dict(vars(cookie)) for cookie in jar_of(client)]
    for cookie in cookies:
        if 0 < (cookie["expires"] or 0) - time.time() < 1_000_000:
            cookie["expires"] = "counts from now"
    return [sorted(cookie.items()) for cookie in cookies]


SET_COOKIES = (
    ("a=1",),
    ("a=1; Path=/; HttpOnly", "b=2; Path=/hello; SameSite=Lax", "c=3; Path=/other; Secure"),
    ("AWSALB=x/y+z=; Expires=Tue, 08 Dec 2099 01:07:57 GMT; Path=/", "AWSALBCORS=x; Path=/; SameSite=None; Secure"),
    ("a=2; Path=/", "a=3; Path=/", "a=; Path=/; Max-Age=0"),
    ("a=4; Path=/; Max-Age=0", "b=; Path=/hello; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
    ("d=1; Domain=127.0.0.1", "d=2; Domain=.127.0.0.1", "d=3; Domain=example.com", "d=4; Domain=localhost"),
    ("d=5; Domain=0.0.1", "d=6; Domain=", "d=7; Domain", "d=8; Domain=LOCALHOST; Path=/x"),
    ("e=1; Max-Age=100000", "e=2; max-age=100000; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/e"),
    ("e=3; Expires=Wed, 21-Oct-2099 07:28:00 GMT; Path=/", "e=4; Expires=Wed, 21-Oct-35 07:28:00 GMT; Path=/f"),
    ("e=5; Expires=never; Path=/g", "e=6; Max-Age=soon; Path=/h", "e=7; Max-Age=-1; Path=/hello"),
    ('q="quoted value"; Path=/', 'r="with \\"escapes\\""; Path=/', 's=";"; Path="/"', "t=a b=c; Path=/"),
    ("novalue; Path=/", "=noname; Path=/", "; Path=/", "", "  spaced = out ;path = / ;  secure"),
    ("v=1; Version=1; Path=/", 'p=1; Port="80"; Path=/', "w=1; Comment=why; Discard; Path=/"),
    ("x=1; Priority=High; Partitioned; priority=Low; Priority=Medium; Path=/",),
    ("ä=ö; Path=/ü", "y=1; Path=/a%2fb", "z=1; Path=relative"),
    ("m=1; Path=/; Max-Age", "n=1; Path=/"),
)


@both
def cookies_of_all_kinds(user: Any, see: See) -> object:
    seen: list[object] = []
    for headers in SET_COOKIES:
        query = "&".join(f"{i}={quote(quote(header))}" for i, header in enumerate(headers))
        seen += [see(user.client.get(f"/cookie?{query}")), in_jar(user.client), see(user.client.get("/hello"))]
        with user.client.get(f"/cookie?{query}", catch_response=True):
            pass
        seen += [in_jar(user.client), see(user.client.get("/hello/deeper"))]
    return seen


@both
def cookies_with_failures(user: Any, see: See) -> object:
    client = user.client
    seen = [see(client.get(f"/cookie-redirect?to={quote('/status/404')}", allow_redirects=False)), in_jar(client)]
    return [*seen, see(client.get("/hello")), in_jar(client)]


@both
def cookies_by_other_rules(user: Any, see: See) -> object:
    jar = jar_of(user.client)
    seen = [see(user.client.get("/cookie?a=a%3D1")), in_jar(user.client)]
    jar.set_policy(DefaultCookiePolicy(blocked_domains=["127.0.0.1"]))
    seen += [see(user.client.get("/cookie?a=b%3D1")), in_jar(user.client)]
    jar.set_policy(DefaultCookiePolicy(strict_ns_set_path=True, strict_ns_set_initial_dollar=True))
    seen += [see(user.client.get("/cookie?a=c%3D1; Path=/elsewhere&b=$d%3D1")), in_jar(user.client)]
    jar.set_policy(DefaultCookiePolicy())
    kept: list[object] = []
    own = jar.set_cookie
    jar.set_cookie = lambda cookie: (kept.append(cookie.name), own(cookie))
    return [*seen, see(user.client.get("/cookie?a=e%3D1")), in_jar(user.client), kept]


@both
def cookies_that_somebody_holds(user: Any, see: See) -> object:
    """In a jar that is looked into, changed, copied and pickled between two answers."""
    client = user.client
    client.get("/cookie?a=a%3D1%3B%20Path%3D/&b=b%3D2%3B%20Path%3D/")
    jar = jar_of(client)
    held = next(iter(jar))
    client.get("/cookie?a=a%3D3%3B%20Path%3D/")
    seen = [held.value, in_jar(client), see(client.get("/hello"))]
    client.get("/cookie?c=c%3D4%3B%20Path%3D/")
    seen += [in_jar(client), see(client.get("/hello"))]
    if isinstance(user, HttpUser):
        again = pickle.loads(pickle.dumps(jar))
        seen += [again.get_dict(), jar.copy().get_dict(), copy.copy(jar).get_dict(), jar == again]
        del jar["a"]
        client.cookies = again
        client.get("/cookie?d=d%3D5%3B%20Path%3D/")
        seen += [again.get_dict(), jar.get_dict(), see(client.get("/hello"))]
    jar.clear()
    return [*seen, see(client.get("/hello")), see(client.get("/cookie?a=a%3D9")), in_jar(client)]


@both
def cookies_of_several_hosts(user: Any, see: See) -> object:
    client = user.client
    other = user.host.replace("127.0.0.1", "localhost")
    seen = [see(client.get(f"{host}/cookie?a=a%3D{n}")) for n, host in enumerate((user.host, other))]
    seen += [
        see(client.get(f"{other}/cookie?a=b%3D1%3B%20Domain%3Dlocalhost&b=c%3D2%3B%20Domain%3D127.0.0.1")),
        in_jar(client),
    ]
    return [*seen, see(client.get(f"{other}/hello")), see(client.get("/hello")), in_jar(client)]


@both
def cookies_with_a_host_header(user: Any, see: See) -> object:
    headers = {"Host": "www.example.com"}
    seen = [
        see(user.client.get("/cookie?a=a%3D1&b=b%3D2%3B%20Domain%3Dexample.com", headers=headers)),
        in_jar(user.client),
    ]
    return [*seen, see(user.client.get("/hello", headers=headers)), see(user.client.get("/hello"))]
