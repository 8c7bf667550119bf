"""Cases of FastHttpUser with HTTPS: contexts that a locustfile makes itself, and pools of its own."""

from __future__ import annotations

import pathlib
import ssl
from collections.abc import Callable
from typing import Any

import gevent.ssl
from cases import fast, places
from fast_cases import session_of
from geventhttpclient.client import HTTPClientPool
from tls_cases import club, outcome, site


def trusting(**loaded: Any) -> Any:
    """A context that trusts what it is told, and nobody else."""
    return gevent.ssl.create_default_context(**loaded)


def with_pair(context: Any) -> Any:
    context.load_cert_chain(places.file("client.pem"), places.file("client.key"))
    return context


def result(session: Any, url: str) -> object:
    """Status and kind of error; each has its own words for what a certificate lacks."""
    seen: Any = outcome(lambda: session.get(url))
    error = seen.get("raised") if isinstance(seen, dict) else seen[2]
    return error["type"] if error else seen


def results(user: Any, factory: Callable[..., Any], **settings: Any) -> object:
    session = session_of(user, ssl_context_factory=factory, **settings)
    return [result(session, url) for url in (site(), club(), site("/redirect/302"), site(), user.host + "/hello")]


@fast
def context_that_trusts_nobody_here(user: Any) -> object:
    return [results(user, factory) for factory in (gevent.ssl.create_default_context, lambda: trusting())]


@fast
def tls_that_ends_without_a_word(user: Any) -> object:
    """Python's servers send no close_notify: the end of the connection is that of a body without a length."""
    whole = session_of(user).get(site("/until-close"))
    return [whole.status_code, whole.text]


@fast
def context_that_trusts_a_file(user: Any) -> object:
    authority, other = places.file("authority.pem"), places.file("other.pem")
    return [
        results(user, lambda: trusting(cafile=authority)),
        results(user, lambda: trusting(cafile=authority), insecure=False),
        results(user, lambda: trusting(cafile=other)),
        results(user, lambda cafile: with_pair(trusting(cafile=authority))),
    ]


@fast
def context_that_trusts_a_text(user: Any) -> object:
    pem = pathlib.Path(places.file("authority.pem")).read_text()
    return [
        results(user, lambda: trusting(cadata=pem)),
        results(user, lambda **_: trusting(cadata=pem)),
        results(user, lambda: trusting(cadata=ssl.PEM_cert_to_DER_cert(pem))),
    ]


@fast
def context_that_trusts_a_folder(user: Any) -> object:
    return [
        results(user, lambda **_: trusting(capath=places.file("hashed"))),
        results(user, lambda: trusting(capath=places.file("hashed"))),
        results(user, lambda **_: trusting(capath=places.file(""))),
    ]


@fast
def context_with_a_client_certificate(user: Any) -> object:
    shared = with_pair(gevent.ssl._create_unverified_context())

    def joined() -> Any:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(places.file("client-and-key.pem"))
        return context

    return [results(user, lambda: shared), results(user, joined), results(user, joined, insecure=False)]


@fast
def context_that_differs(user: Any) -> object:
    def old() -> Any:
        context = with_pair(gevent.ssl._create_unverified_context())
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context

    def picky() -> Any:
        context = with_pair(gevent.ssl._create_unverified_context())
        context.set_ciphers("ECDHE+AESGCM")
        return context

    return [results(user, old), results(user, picky)]


@fast
def context_that_is_none(user: Any) -> object:
    def missing() -> Any:
        context = gevent.ssl.create_default_context()
        context.load_cert_chain("/nonexistent/client.pem")
        return context

    return [results(user, missing), results(user, lambda: None)]


@fast
def context_of_a_pool(user: Any) -> object:
    authority = places.file("authority.pem")
    pools = [
        HTTPClientPool(),
        HTTPClientPool(insecure=True),
        HTTPClientPool(ssl_context_factory=lambda: with_pair(trusting(cafile=authority))),
        HTTPClientPool(ssl_context_factory=gevent.ssl._create_unverified_context, insecure=True),
    ]
    return [[result(session_of(user, client_pool=pool), site()) for _ in range(2)] for pool in pools]
