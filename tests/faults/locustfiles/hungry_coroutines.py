"""Users for whom there is not memory enough."""

import os
import sys

from katydid import constant, task

sys.path.insert(0, os.path.dirname(__file__))
from coroutines import Base
from coroutines import CoroutineUser as CoroutineUser


class HungryCoroutineUser(Base):
    wait_time = constant(0.3)

    @task
    async def body(self):
        await self.client.get("/bytes/400000000")

    @task
    async def own(self):
        bytearray(1_000_000_000)
