"""The users of locustfile.py as coroutines, of the class that BASE names: AsyncUser or TrioUser."""

import os

import katydid
from katydid import constant, task


class Listener(getattr(katydid, os.environ.get("BASE", "AsyncUser"))):
    wait_time = constant(0)

    @task
    async def listen(self):
        events = 0
        async with self.client.get("/events", stream=True) as response:
            async for _ in response.iter_events():
                events += 1
        assert events == 200
