"""Replaces a method or function of the libraries below Locust's sessions, as instrumentation does; counts its calls."""

from __future__ import annotations

import os
import socket
from typing import Any

import gevent.socket
import geventhttpclient.client
import requests
import urllib3.util.connection
from locust import FastHttpUser, HttpUser, constant, task
from locust.clients import HttpSession
from locust.contrib.fasthttp import FastHttpSession, LocustUserAgent
from locust.exception import StopUser

PLACES: dict[str, tuple[Any, str]] = {
    "session.send": (requests.Session, "send"),
    "session.request": (requests.Session, "request"),
    "session.prepare_request": (requests.Session, "prepare_request"),
    "adapter.send": (requests.adapters.HTTPAdapter, "send"),
    "pool.urlopen": (urllib3.connectionpool.HTTPConnectionPool, "urlopen"),
    "HttpSession.request": (HttpSession, "request"),
    "HttpSession._send": (HttpSession, "_send_request_safe_mode"),
    "agent.urlopen": (LocustUserAgent, "urlopen"),
    "agent._urlopen": (LocustUserAgent, "_urlopen"),
    "client._build_request": (geventhttpclient.client.HTTPClient, "_build_request"),
    "FastHttpSession.request": (FastHttpSession, "request"),
    "FastHttpSession._send": (FastHttpSession, "_send_request_safe_mode"),
    "socket.getaddrinfo": (socket, "getaddrinfo"),
    "socket.socket": (socket, "socket"),
    "urllib3.create_connection": (urllib3.util.connection, "create_connection"),
    "urllib3.allowed_gai_family": (urllib3.util.connection, "allowed_gai_family"),
    "gevent.getaddrinfo": (gevent.socket, "getaddrinfo"),
    "gevent.socket": (gevent.socket, "socket"),
}
WHAT, WHEN = os.environ["TEST_WHAT"], os.environ["TEST_WHEN"]
is_fast = WHAT.startswith(("agent.", "client.", "Fast", "gevent."))
calls: list[str] = []


def patch() -> None:
    owner, name = PLACES[WHAT]
    original = getattr(owner, name)

    def replaced(*arguments: Any, **keywords: Any) -> Any:
        calls.append(name)
        if WHAT == "session.send":
            arguments[1].headers["traceparent"] = "00-abc"
        if WHAT.endswith("getaddrinfo") and arguments[0] == "nowhere.test":
            arguments = ("127.0.0.1", *arguments[1:])
        return original(*arguments, **keywords)

    setattr(owner, name, replaced)


if WHEN == "import":
    patch()
Base: Any = FastHttpUser if is_fast else HttpUser


class PatchedUser(Base):  # type: ignore[misc]
    wait_time = constant(1)

    @task
    def ask(self) -> None:
        if WHEN == "late":
            self.client.get("/hello", name="early")
            self.client.get("/hello", name="early")
            patch()
        elif WHEN == "instance":
            name, given = PLACES[WHAT][1], getattr(self.client, PLACES[WHAT][1])

            def replaced(*arguments: Any, **keywords: Any) -> Any:
                calls.append(name)
                return given(*arguments, **keywords)

            setattr(self.client, name, replaced)
        for _ in range(3):
            self.client.get("/hello")
        self.client.post("/echo", data=b"x")
        self.client.request("GET", "/hello")
        with self.client.get("/hello", catch_response=True) as response:
            response.success()
        print("calls", len(calls), flush=True)
        self.environment.runner.quit()
        raise StopUser
