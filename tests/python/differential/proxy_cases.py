"""Cases of HttpUser and FastHttpUser behind HTTP proxies; the target itself is the proxy."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from cases import attempt, fast, http, places
from fast_cases import see, session_of
from tls_cases import kind, outcome, site


def proxy(user: Any, credentials: str = "") -> str:
    """The target's URL as that of a proxy."""
    scheme, _, place = user.host.partition("://")
    return f"{scheme}://{credentials}{place}"


@http
def proxy_of_a_request(user: Any) -> object:
    client, through = user.client, {"http": proxy(user)}
    return [
        outcome(lambda: client.get("http://nowhere.invalid/hello?a=1", proxies=through)),
        outcome(lambda: client.post("http://nowhere.invalid:81/echo", json={"a": 1}, proxies=through)),
        outcome(lambda: client.get("/hello", proxies=through)),
        outcome(lambda: client.get("/hello", proxies={"https": "http://127.0.0.1:1"})),
        outcome(lambda: client.get("/hello")),
    ]


@http
def proxy_of_the_session(user: Any) -> object:
    client = user.client
    client.proxies = {"all": proxy(user)}
    seen = [outcome(lambda: client.get("http://nowhere.invalid/hello")) for _ in range(2)]
    client.proxies = {"http://nowhere.invalid": proxy(user)}
    seen.append(outcome(lambda: client.get("http://nowhere.invalid/status/404")))
    seen.append(outcome(lambda: client.get("/hello")))
    client.proxies = {}
    return [*seen, outcome(lambda: client.get("/hello"))]


@http
def proxy_with_credentials(user: Any) -> object:
    client, through = user.client, {"http": proxy(user, "ann:p%40ss@"), "https": proxy(user, "ann:p%40ss@")}
    return [
        outcome(lambda: client.get("http://nowhere.invalid/hello", proxies=through)),
        outcome(lambda: client.get("http://nowhere.invalid/redirect/302", proxies=through)),
        outcome(lambda: client.get(site(), proxies=through, verify=False)),
        outcome(lambda: client.get(site(), proxies=through, verify=places.file("authority.pem"))),
    ]


@http
def proxy_tunnels(user: Any) -> object:
    client, through = user.client, {"https": proxy(user)}
    return [
        outcome(lambda: client.get(site("/hello"), proxies=through, verify=False)),
        outcome(lambda: client.post(site("/echo"), data="x", proxies=through, verify=False)),
        outcome(lambda: client.get(site("/redirect/302"), proxies=through, verify=False)),
    ]


@http
def proxy_refuses(user: Any) -> object:
    client, through = user.client, {"https": proxy(user)}
    hosts = ["wants-407", "wants-502", "wants-nothing"]
    return [outcome(lambda host=host: client.get(f"https://{host}.invalid/x", proxies=through)) for host in hosts]  # type: ignore[misc]


@http
def proxy_answers_nonsense(user: Any) -> object:
    return kind(lambda: user.client.get("https://wants-garbage.invalid/x", proxies={"https": proxy(user)}))


@http
def proxy_is_not_there(user: Any) -> object:
    client = user.client
    return [
        outcome(lambda: client.get("http://nowhere.invalid/x", proxies={"http": "http://127.0.0.1:1"})),
        outcome(lambda: client.get("https://nowhere.invalid/x", proxies={"https": "127.0.0.1:1"})),
        outcome(lambda: client.get("http://nowhere.invalid/x", proxies={"http": "http://proxy.invalid:1"})),
        outcome(lambda: client.get("/hello", proxies={"http": "http://"})),
    ]


@http
def proxy_of_the_environment(user: Any) -> object:
    client = user.client
    client.trust_env = True
    os.environ.update(HTTP_PROXY=proxy(user), NO_PROXY="127.0.0.1,other.invalid")
    try:
        return [
            outcome(lambda: client.get("http://nowhere.invalid/hello")),
            outcome(lambda: client.get("/hello")),
            outcome(lambda: client.get("http://nowhere.invalid/redirect/301")),
        ]
    finally:
        del os.environ["HTTP_PROXY"], os.environ["NO_PROXY"]


@fast
def agent_proxy(user: Any) -> object:
    client = session_of(user, "http://nowhere.invalid", **place_of(user))
    return [
        see(client.get("/hello?a=1")),
        see(client.post("/echo", json={"a": 1})),
        see(client.get("/status/404")),
        see(client.get("http://nowhere.invalid:81/redirect/302")),
    ]


@fast
def agent_proxy_tunnels(user: Any) -> object:
    client = session_of(user, f"https://127.0.0.1:{places.tls_port}", **place_of(user))
    return [see(client.get("/hello")), see(client.get("/status/404"))]


@fast
def agent_proxy_is_not_there(user: Any) -> object:
    client = session_of(user, "http://nowhere.invalid", proxy_host="127.0.0.1", proxy_port=1)
    return see(client.get("/hello"))


@fast
def agent_proxy_refuses(user: Any) -> object:
    """Locust's own client lets the exception end the task."""
    return [
        attempt(lambda host=host: see(session_of(user, f"https://{host}.invalid", **place_of(user)).get("/x")))  # type: ignore[misc]
        for host in ("wants-403", "wants-407", "wants-nothing", "wants-garbage")
    ]


def place_of(user: Any) -> dict[str, Any]:
    parts = urlsplit(user.host)
    return {"proxy_host": parts.hostname, "proxy_port": parts.port}
