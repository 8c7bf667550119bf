"""Users that fail in each way that the master shows; faults.cpp has the same in C++."""
import time

from locust import HttpUser, User, constant, task


class StatusUser(HttpUser):
    wait_time = constant(0.1)

    @task
    def broken_server(self):
        self.client.get("/status/500")


class RefusedUser(HttpUser):
    wait_time = constant(0.1)

    @task
    def nobody_listens(self):
        self.client.get("http://127.0.0.1:9/", name="refused")


class TimeoutUser(HttpUser):
    wait_time = constant(0.1)

    @task
    def too_slow(self):
        self.client.get("/delay/5000", timeout=0.3)


class CheckedUser(HttpUser):
    wait_time = constant(0.1)

    @task
    def wrong_text(self):
        with self.client.get("/hello", name="wrong", catch_response=True) as response:
            response.failure("not what was asked for")

    @task
    def fine_after_all(self):
        with self.client.get("/status/404", name="fine", catch_response=True) as response:
            response.success()


class ThrowingUser(HttpUser):
    wait_time = constant(0.2)

    @task
    def breaks(self):
        self.client.get("/hello")
        raise RuntimeError("this task is broken")


class SpinningUser(User):
    """Holds its core for four seconds at a time, longer than a master waits for a heartbeat."""

    wait_time = constant(0.1)

    @task
    def spin(self):
        until = time.monotonic() + 4
        while time.monotonic() < until:
            pass
