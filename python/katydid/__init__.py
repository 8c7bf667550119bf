"""Katydid: a Locust worker in C++, for users that are coroutines of asyncio or Trio.

    from katydid import AsyncUser, between, task

    class Shopper(AsyncUser):
        wait_time = between(1, 5)

        @task
        async def browse(self):
            await self.client.get("/items/42", name="/items/[id]")

Run it by `katydid -f locustfile.py --master-host HOST`. Plain locustfiles of Locust's run as they are.
"""

from ._native import ArrivalRate
from ._native import version as __version__
from .chance import random_source
from .client import HttpClient, PendingRequest, Phases, Report, Response, ServerSentEvent
from .data import CsvFeeder, JsonLinesFeeder
from .environment import Environment, register_message
from .events import EventHook, Events, events
from .exceptions import (
    InterruptTaskSet,
    InvalidTransitionError,
    LocustError,
    MarkovTaskTagError,
    NoMarkovTasksError,
    NonMarkovTaskTransitionError,
    RescheduleTask,
    RescheduleTaskImmediately,
    ResponseError,
    StopTest,
    StopUser,
    WebSocketError,
)
from .markov import MarkovTaskSet, transition, transitions
from .tasks import SequentialTaskSet, TaskSet, tag, task
from .user import AsyncUser, TrioUser, User
from .wait_time import between, constant, constant_pacing, constant_throughput, constant_total_throughput, poisson
from .websocket import PendingWebSocket, WebSocket

__all__ = [
    "ArrivalRate",
    "AsyncUser",
    "CsvFeeder",
    "Environment",
    "EventHook",
    "Events",
    "HttpClient",
    "InterruptTaskSet",
    "InvalidTransitionError",
    "JsonLinesFeeder",
    "LocustError",
    "MarkovTaskSet",
    "MarkovTaskTagError",
    "NoMarkovTasksError",
    "NonMarkovTaskTransitionError",
    "PendingRequest",
    "PendingWebSocket",
    "Phases",
    "Report",
    "RescheduleTask",
    "RescheduleTaskImmediately",
    "Response",
    "ResponseError",
    "SequentialTaskSet",
    "ServerSentEvent",
    "StopTest",
    "StopUser",
    "TaskSet",
    "TrioUser",
    "User",
    "WebSocket",
    "WebSocketError",
    "__version__",
    "between",
    "constant",
    "constant_pacing",
    "constant_throughput",
    "constant_total_throughput",
    "events",
    "poisson",
    "random_source",
    "register_message",
    "tag",
    "task",
    "transition",
    "transitions",
]
