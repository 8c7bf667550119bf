"""For the master only: six users, then two, then the end."""
from locust import LoadTestShape


class Steps(LoadTestShape):
    def tick(self):
        elapsed = self.get_run_time()
        if elapsed < 4:
            return 6, 10
        if elapsed < 9:
            return 2, 10
        return None
