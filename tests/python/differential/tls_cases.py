"""Cases of HttpUser with HTTPS: certificates to trust, and client certificates, of a request and of the session."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import gevent
import requests
from cases import attempt, exception, http, places
from requests.adapters import HTTPAdapter


def site(path: str = "/hello") -> str:
    """A URL of the target's that is HTTPS, by a certificate of `authority.pem`."""
    return f"https://127.0.0.1:{places.tls_port}{path}"


def club(path: str = "/hello") -> str:
    """The same, but it demands a client certificate."""
    return f"https://127.0.0.1:{places.club_port}{path}"


def outcome(call: Callable[[], Any]) -> object:
    """Status and error of a response, or what was raised."""

    def see() -> object:
        response = call()
        return [response.status_code, response.url, exception(getattr(response, "error", None))]

    return attempt(see)


def kind(call: Callable[[], Any]) -> object:
    """The same, where the words of the error are another's."""
    seen: Any = outcome(call)
    error = seen.get("raised") if isinstance(seen, dict) else seen[2]
    return [error["type"], error["context"][:1], error["request"]] if error else seen


@http
def tls_trusts_nobody_by_itself(user: Any) -> object:
    return [outcome(lambda: user.client.get(site())) for _ in range(2)]


@http
def tls_verify_of_a_request(user: Any) -> object:
    client = user.client
    return [
        outcome(lambda: client.get(site(), verify=places.file("authority.pem"))),
        outcome(lambda: client.post(site("/echo"), json={"a": 1}, verify=places.file("authority.pem"))),
        outcome(lambda: client.get(site(), verify=places.file("other.pem"))),
        outcome(lambda: client.get(site())),
        outcome(lambda: client.get(site(), verify=False)),
        outcome(lambda: client.get(site(), verify=places.file("authority.pem"))),
    ]


@http
def tls_that_ends_without_a_word(user: Any) -> object:
    """Python's servers send no close_notify: the end of the connection is that of a body without a length."""
    client = user.client
    client.verify = places.file("authority.pem")
    whole = client.get(site("/until-close"))
    return [whole.status_code, whole.text]


@http
def tls_verify_of_the_session(user: Any) -> object:
    client = user.client
    client.verify = places.file("authority.pem")
    seen = [outcome(lambda: client.get(site())), outcome(lambda: client.get(site("/redirect/302")))]
    seen.append(outcome(lambda: client.get(site(), verify=True)))
    seen.append(outcome(lambda: client.get(site(), verify=False)))
    client.verify = places.file("other.pem")
    seen.append(outcome(lambda: client.get(site(), verify=places.file("authority.pem"))))
    seen.append(outcome(lambda: client.get(site())))
    client.verify = True
    return [*seen, outcome(lambda: client.get(site()))]


@http
def tls_verify_by_another_name(user: Any) -> object:
    client = user.client
    client.verify = places.file("authority.pem")
    urls = [site().replace("127.0.0.1", "localhost"), site().replace("127.0.0.1", "127.0.0.2")]
    return [kind(lambda url=url: client.get(url)) for url in urls]  # type: ignore[misc]


@http
def tls_verify_names_no_file(user: Any) -> object:
    client = user.client
    seen = [outcome(lambda: client.get(site(), verify="/nonexistent/ca.pem"))]
    seen.append(outcome(lambda: client.get("/hello", verify="/nonexistent/ca.pem")))  # nobody looks, without TLS
    client.verify = "/nonexistent/ca.pem"
    seen.append(outcome(lambda: client.get(site(), name="named")))
    with client.get("/hello", catch_response=True) as response:
        seen.append(response.status_code)
    return seen


@http
def tls_verify_names_no_certificate(user: Any) -> object:
    return [kind(lambda: user.client.get(site(), verify=places.file("text.pem")))]


@http
def tls_verify_names_a_folder(user: Any) -> object:
    client = user.client
    seen = [
        kind(lambda: client.get(site(), verify=places.file(""))),
        outcome(lambda: client.get(site(), verify=places.file("hashed"))),
        outcome(lambda: client.get(site("/redirect/302"), verify=places.file("hashed"))),
    ]
    client.verify = places.file("hashed")
    return [*seen, outcome(lambda: client.get(site()))]


@http
def tls_verify_of_the_environment(user: Any) -> object:
    client = user.client
    os.environ["REQUESTS_CA_BUNDLE"] = places.file("authority.pem")
    try:
        seen = [outcome(lambda: client.get(site()))]
        client.trust_env = True
        seen.append(outcome(lambda: client.get(site())))
        seen.append(outcome(lambda: client.get(site(), verify=places.file("other.pem"))))
        os.environ["REQUESTS_CA_BUNDLE"] = "/nonexistent/ca.pem"
        seen.append(outcome(lambda: client.get(site())))
    finally:
        del os.environ["REQUESTS_CA_BUNDLE"]
    return seen


@http
def tls_cert_of_a_request(user: Any) -> object:
    client = user.client
    client.verify = places.file("authority.pem")
    pair = (places.file("client.pem"), places.file("client.key"))
    return [
        outcome(lambda: client.get(club(), cert=places.file("client-and-key.pem"))),
        outcome(lambda: client.get(club(), cert=pair)),
        outcome(lambda: client.post(club("/echo"), data={"a": "b"}, cert=pair)),
        outcome(lambda: client.get(club(), cert=(places.file("client-and-key.pem"), None))),
        outcome(lambda: client.get(site(), cert=pair)),
        outcome(lambda: client.get("/hello", cert=pair)),
        outcome(lambda: client.get(club(), cert=pair, verify=True)),
        outcome(lambda: client.get(club(), cert=pair, verify=False)),
    ]


@http
def tls_cert_of_the_session(user: Any) -> object:
    client = user.client
    client.verify = places.file("authority.pem")
    client.cert = places.file("client-and-key.pem")
    seen: list[object] = [client.cert == places.file("client-and-key.pem")]
    seen.append(outcome(lambda: client.get(club())))
    client.cert = (places.file("client.pem"), places.file("client.key"))
    seen.append(outcome(lambda: client.get(club("/hops/2"))))
    seen.append(outcome(lambda: client.get(club(), cert=places.file("client-and-key.pem"))))
    with client.get(club("/status/404"), catch_response=True, name="caught") as response:
        response.success()
    return seen


@http
def tls_cert_is_missing(user: Any) -> object:
    client = user.client
    client.verify = places.file("authority.pem")
    seen = [kind(lambda: client.get(club()))]
    client.cert = places.file("client-and-key.pem")
    seen.append(outcome(lambda: client.get(club())))
    client.cert = None
    seen.append(kind(lambda: client.get(club("/hello?again"))))
    return seen


@http
def tls_cert_by_other_authorities(user: Any) -> object:
    pair = (places.file("other.pem"), places.file("other.key"))
    user.client.verify = places.file("authority.pem")
    return [kind(lambda: user.client.get(club(), cert=pair))]


@http
def tls_cert_names_no_file(user: Any) -> object:
    client = user.client
    client.verify = places.file("authority.pem")
    certs = ["/nonexistent/c.pem", ("/nonexistent/c.pem", "/nonexistent/c.key")]
    certs.append((places.file("client.pem"), "/nonexistent/c.key"))
    seen = [
        outcome(lambda url=url, cert=cert: client.get(url, cert=cert)) for cert in certs for url in (club(), "/hello")
    ]  # type: ignore[misc]
    client.cert = "/nonexistent/c.pem"
    return [*seen, outcome(lambda: client.get(club())), outcome(lambda: client.get("/hello"))]


@http
def tls_cert_that_cannot_be_used(user: Any) -> object:
    client = user.client
    client.verify = places.file("authority.pem")
    certs = [places.file("text.pem"), places.file("client.pem"), (places.file("client.pem"), places.file("other.key"))]
    return [kind(lambda cert=cert: client.get(club(), cert=cert)) for cert in certs]  # type: ignore[misc]


@http
def tls_certs_of_odd_types(user: Any) -> object:
    certs = ["", (), 0, False]
    return [outcome(lambda cert=cert: user.client.get("/hello", cert=cert)) for cert in certs]  # type: ignore[misc]


@http
def tls_in_a_prepared_request(user: Any) -> object:
    client = user.client
    client.get("/hello")
    request = client.prepare_request(requests.Request("GET", club()))
    authority = places.file("authority.pem")
    first = client.send(request, verify=authority, cert=places.file("client-and-key.pem"))
    return [first.status_code, outcome(lambda: client.send(request, verify=authority, cert="/nonexistent/c.pem"))]


@http
def tls_of_streams(user: Any) -> object:
    client = user.client
    client.verify = places.file("authority.pem")
    pair = (places.file("client.pem"), places.file("client.key"))
    with client.get(site("/lines"), stream=True, catch_response=True) as response:
        seen: list[object] = [repr(list(response.iter_lines()))]
    with client.get(club("/bytes/100000"), stream=True, cert=pair, catch_response=True) as response:
        seen.append(sum(len(chunk) for chunk in response.iter_content(2048)))
    seen.append(outcome(lambda: client.get(site(), stream=True, verify=places.file("other.pem"))))
    seen.append(outcome(lambda: client.get(site(), stream=True, verify="/nonexistent/ca.pem")))
    return [*seen, kind(lambda: client.get(club(), stream=True))]


@http
def tls_with_an_own_adapter(user: Any) -> object:
    user.client.mount("https://", HTTPAdapter())
    user.client.cert = places.file("client-and-key.pem")
    return [outcome(lambda: user.client.get(club(), verify=places.file("authority.pem")))]


@http
def tls_at_the_same_time(user: Any) -> object:
    client = user.client
    client.verify = places.file("authority.pem")
    ask = [
        lambda: client.get(site("/delay/50")),
        lambda: client.get(site("/delay/50"), verify=places.file("other.pem")),
        lambda: client.get(club("/delay/50"), cert=places.file("client-and-key.pem")),
    ]
    jobs = [gevent.spawn(outcome, each) for each in ask]
    gevent.joinall(jobs)
    return [job.value for job in jobs]
