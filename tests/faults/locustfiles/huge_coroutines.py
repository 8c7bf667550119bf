"""Users that record what no request has: numbers at the end of 64 bits, and beyond them."""

import os

from katydid import AsyncUser, TrioUser, constant, task

Base = TrioUser if os.environ.get("LAB_LOOP") == "trio" else AsyncUser


class CoroutineUser(Base):
    wait_time = constant(0.05)

    @task
    async def largest(self):
        self.record("GET", "/length", 1, 2**50)

    @task
    async def end_of_64_bits(self):
        self.record("GET", "/refused", 1, 2**64 - 1)

    @task
    async def beyond(self):
        self.record("GET", "/refused", 1, 2**64)

    @task
    async def time(self):
        self.record("GET", "/refused", 2.0**63)
