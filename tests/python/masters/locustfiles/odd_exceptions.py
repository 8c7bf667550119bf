"""Users whose exceptions are of every kind, and listeners that end the program."""

from __future__ import annotations

import math
import sys
from typing import Any

from locust import FastHttpUser, constant, events, task


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class NotAnException(BaseException):
    pass


class OddUser(FastHttpUser):
    abstract = True
    error: BaseException
    wait_time = constant(1)

    @task
    def odd(self) -> None:
        self.client.get("/hello")
        raise self.error


class SurrogateUser(OddUser):
    error = ValueError("half a pair \ud83d")


class MuteUser(OddUser):
    error = MuteError()


class BaseUser(OddUser):
    error = NotAnException("base")


class GeneratorUser(OddUser):
    error = GeneratorExit("generator")


class ExitUser(OddUser):
    error = SystemExit("exit")


class NanUser(FastHttpUser):
    def wait_time(self) -> float:
        return math.nan

    @task
    def hello(self) -> None:
        self.client.get("/hello", name="nan")


class SteadyUser(FastHttpUser):
    wait_time = constant(0.1)

    @task
    def hello(self) -> None:
        self.client.get("/hello", name="steady")


@events.test_start.add_listener
@events.test_stop.add_listener
@events.quitting.add_listener
def leave(environment: Any, **_: Any) -> None:
    if type(environment.runner).__name__ == "WorkerRunner":
        sys.exit("a listener")
