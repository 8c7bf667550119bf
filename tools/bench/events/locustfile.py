"""Users that read 200 events, one a millisecond, as lines; BASE says with which of Locust's clients."""

import os

import locust
from locust import constant, events, task

if os.environ.get("LISTEN"):

    @events.request.add_listener
    def on_request(request_type, name, response_time, response_length, response, context, exception, **kwargs):
        pass


class Listener(getattr(locust, os.environ.get("BASE", "HttpUser"))):
    wait_time = constant(0)

    def lines(self):
        if isinstance(self, locust.FastHttpUser):
            return self.client.iter_lines("/events")
        return self.client.get("/events", stream=True).iter_lines()

    @task
    def listen(self):
        assert sum(1 for line in self.lines() if line) == 200
