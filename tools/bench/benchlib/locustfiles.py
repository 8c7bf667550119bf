"""The same users, for each kind of worker; `call` is what their task does."""

CPP_USER = """#include <katydid/katydid.hpp>
using namespace katydid;
struct HelloUser : {base} {{
  task<> on_start() override {{
    client.options().verify = false;
    {version}
    co_return;
  }}
  task<> hello() {{ co_await client.{call}; }}
}};
KATYDID_USER(HelloUser).task<&HelloUser::hello>();
"""
PYTHON_USER = """
import os

import urllib3
from locust import FastHttpUser, HttpUser, constant, events, task

urllib3.disable_warnings()

if os.environ.get("LISTEN"):

    @events.request.add_listener
    def on_request(request_type, name, response_time, response_length, response, context, exception, **kwargs):
        pass


class HelloUser({base}):
    wait_time = constant(0)

    def on_start(self):
        self.client.verify = False

    @task
    def hello(self):
        self.client.{call}
"""

HOSTED_USER = """
from katydid import {base}, constant, task


class HelloUser({base}):
    wait_time = constant(0)

    async def on_start(self):
        self.client.verify = False
        self.client.http_version = "{version}"

    @task
    async def hello(self):
        await self.client.{call}
"""
HTTPX_USER = """
import logging

import httpx
from katydid import {base}, constant, task
from katydid.httpx import AsyncTransport

logging.getLogger("httpx").setLevel(logging.WARNING)  # or it writes a line for each request


class HelloUser({base}):
    wait_time = constant(0)

    async def on_start(self):
        transport = AsyncTransport(self) if {bridge} else None
        self.http = httpx.AsyncClient(base_url=self.host, verify=False, transport=transport)

    @task
    async def hello(self):
        if {bridge}:
            await self.http.get("/hello")
            return
        async with self.report("/hello", method="GET"):
            (await self.http.get("/hello")).raise_for_status()
"""
