"""Errors name Locust's classes, whichever class of Katydid's stands for them."""

from __future__ import annotations

import pathlib
import subprocess
import sys

from .test_command import katydid, needs_locust, write

pytestmark = needs_locust
USERS = """from locust import FastHttpUser, HttpUser, task
from locust.exception import StopUser
def see(*things):
    for thing in things:
        try:
            thing.nope
        except AttributeError as error:
            print("seen:", error)
        print("seen:", type(thing).__name__)
ended = []
def end(user):
    ended.append(user)
    if len(ended) == 2:
        user.environment.runner.quit()
    raise StopUser
class Requests(HttpUser):
    @task
    def look(self):
        answer = self.client.get("/hello")
        stream = self.client.get("/hello", stream=True)
        with self.client.get("/hello", catch_response=True) as caught:
            see(answer, caught, stream, stream.raw, answer.headers, answer.cookies)
        see(self.client, self.client.headers, self.client.cookies)
        stats = self.environment.stats
        see(stats, stats.entries, stats.total, stats.get("/hello", "GET"))
        print("seen:", self.client.cookies)
        end(self)
class Fast(FastHttpUser):
    @task
    def look(self):
        answer = self.client.get("/hello")
        stream = self.client.get("/hello", stream=True)
        with self.client.get("/hello", catch_response=True) as caught:
            see(answer, caught, stream, answer.headers)
        see(self.client, self.client.client, self.client.cookiejar, self.client.client.urlopen(self.host + "/hello"))
        print("seen:", self.client.cookiejar)
        end(self)
"""


def test_classes_are_called_as_locusts_are(tmp_path: pathlib.Path, target: str) -> None:
    options = ("-f", write(tmp_path, "looks.py", USERS), "--headless", "-u", 2, "-r", 2, "-t", "60s", "-H", target)
    _, own = katydid(*options, folder=tmp_path)
    locusts = subprocess.run(
        [sys.executable, "-m", "locust", *map(str, options)], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    seen, expected = (
        sorted(line for line in text.splitlines() if line.startswith("seen:")) for text in (own, locusts.stdout)
    )
    assert seen == expected
    assert "seen: 'ResponseContextManager' object has no attribute 'nope'" in seen
    assert "seen: FastResponse" in seen
    assert len(seen) > 40
