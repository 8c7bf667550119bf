import os
import resource

from katydid import AsyncUser, StopUser, TrioUser, task

BASE = TrioUser if os.environ.get("TEST_LOOP") == "trio" else AsyncUser


class Reader(BASE):
    async def all_of(self, path: str) -> int:
        async with self.client.get(path, stream=True) as response:
            return sum([len(piece) async for piece in response.iter_content()])

    @task
    async def read(self) -> None:
        await self.all_of("/bytes/1048576")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        size = await self.all_of("/bytes/1073741824")
        more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"{type(self).__name__}: {size} bytes, {more} KiB more", flush=True)
        raise StopUser
