"""Users that send a mebibyte again and again; BASE says with which of Locust's clients."""

import os

import locust
from locust import constant, events, task

BODY = b"x" * (1 << 20)

if os.environ.get("LISTEN"):

    @events.request.add_listener
    def on_request(request_type, name, response_time, response_length, response, context, exception, **kwargs):
        pass


class Sender(getattr(locust, os.environ.get("BASE", "HttpUser"))):
    wait_time = constant(0)

    @task
    def send(self):
        self.client.put("/upload", data=BODY)
