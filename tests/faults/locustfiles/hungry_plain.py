"""Users for whom there is not memory enough."""

import os
import sys

from locust import FastHttpUser, HttpUser, constant, task

sys.path.insert(0, os.path.dirname(__file__))
from plain import PlainFastUser as PlainFastUser
from plain import PlainUser as PlainUser


def hungry(base):
    class Hungry(base):
        abstract = True
        wait_time = constant(0.3)

        @task
        def body(self):
            self.client.get("/bytes/400000000")

        @task
        def own(self):
            bytearray(1_000_000_000)

    return Hungry


class HungryPlainUser(hungry(HttpUser)):
    pass


class HungryPlainFastUser(hungry(FastHttpUser)):
    pass
