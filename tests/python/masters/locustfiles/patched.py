"""Replaces a method of the libraries below Locust's sessions, as instrumentation does; counts what comes by it."""

from __future__ import annotations

import os
from typing import Any

import geventhttpclient.client
import requests
import urllib3
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
}
WHAT, WHEN = os.environ["TEST_WHAT"], os.environ["TEST_WHEN"]
is_fast = WHAT.startswith(("agent.", "client.", "Fast"))
calls: list[str] = []


def patch() -> None:
    cls, name = PLACES[WHAT]
    original = getattr(cls, name)

    def replaced(self: Any, *arguments: Any, **keywords: Any) -> Any:
        calls.append(name)
        if WHAT == "session.send":
            arguments[0].headers["traceparent"] = "00-abc"
        return original(self, *arguments, **keywords)

    setattr(cls, name, replaced)


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
