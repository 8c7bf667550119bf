import time

from locust import FastHttpUser, HttpUser, TaskSet, User, constant, constant_pacing, task
from locust.exception import StopUser


class Buyer(FastHttpUser):
    wait_time = constant(1000)  # which the rate replaces

    @task
    def buy(self) -> None:
        self.client.get("/hello")


class Steady(Buyer):
    wait_time = constant_pacing(0.1)


class Blocker(User):
    """Keeps the process from all else for half a second, again and again."""

    wait_time = constant(1)

    @task
    def block(self) -> None:
        end = time.perf_counter() + 0.5
        while time.perf_counter() < end:
            pass


class ByRequests(HttpUser):
    """Its requests have what the engine leaves to the library below Locust."""

    wait_time = constant(1000)

    @task
    def buy(self) -> None:
        self.client.get("/hello", hooks={"response": []})


class Nested(Buyer):
    """Tasks of a set begin when they are due, too."""

    @task
    class Basket(TaskSet):
        def on_start(self) -> None:
            self.begun = 0

        @task
        def look(self) -> None:
            self.client.get("/hello", name="/basket")
            self.begun += 1
            if self.begun == 3:
                self.interrupt(reschedule=False)


class Leaving(FastHttpUser):
    """Leaves its task set with each task."""

    @task
    class Look(TaskSet):
        @task
        def look(self) -> None:
            self.client.get("/hello")
            self.interrupt()


class Half(Buyer):
    """Every second one ends before it begins."""

    started = 0

    def on_start(self) -> None:
        Half.started += 1
        if Half.started % 2 == 0:
            raise StopUser
