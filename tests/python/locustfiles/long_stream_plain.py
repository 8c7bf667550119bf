import resource

from locust import HttpUser, task
from locust.exception import StopUser


class Reader(HttpUser):
    def all_of(self, path: str) -> int:
        with self.client.get(path, stream=True, catch_response=True) as response:
            return sum(len(piece) for piece in response.iter_content(64 * 1024))

    @task
    def read(self) -> None:
        self.all_of("/bytes/1048576")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        size = self.all_of("/bytes/1073741824")
        more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"{type(self).__name__}: {size} bytes, {more} KiB more", flush=True)
        raise StopUser
