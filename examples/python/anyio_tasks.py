"""Code of anyio's runs in either kind of user; here in Trio's.

katydid -f examples/python/anyio_tasks.py --master-host HOST
"""

import anyio
from katydid import TrioUser, constant, task


class AnyioUser(TrioUser):
    wait_time = constant(0.1)

    @task
    async def three_at_once(self) -> None:
        with anyio.move_on_after(5):
            async with anyio.create_task_group() as group:
                for path in ("/hello", "/bytes/100", "/delay/10"):
                    group.start_soon(self.fetch, path)

    async def fetch(self, path: str) -> None:
        await self.client.get(path)
        await anyio.sleep(0.01)
