"""Users that make requests; load.cpp has the same in C++. Masters pick classes by name."""
from locust import FastHttpUser, HttpUser, constant, tag, task


class HelloUser(HttpUser):
    """Ten requests a second; also counts its own starts at the target."""

    wait_time = constant(0.1)

    def on_start(self):
        self.client.get("/status/201", name="start")

    @task
    def hello(self):
        self.client.get("/hello")


class HeavyUser(HttpUser):
    """Three times HelloUser's weight."""

    weight = 3
    wait_time = constant(0.1)

    @task(3)
    def often(self):
        self.client.get("/hello", name="often")

    @task
    def seldom(self):
        self.client.get("/hello", name="seldom")


class FixedUser(HttpUser):
    fixed_count = 2
    wait_time = constant(0.1)

    @task
    def fixed(self):
        self.client.get("/hello", name="fixed")


class BusyUser(HttpUser):
    """As fast as it can."""

    wait_time = constant(0)

    @task
    def hello(self):
        self.client.get("/hello")


class EagerUser(HttpUser):
    """A hundred requests a second."""

    wait_time = constant(0.01)

    @task
    def hello(self):
        self.client.get("/hello")


class LazyUser(HttpUser):
    """Many of them fit on a small machine: a request every other second."""

    wait_time = constant(2)

    @task
    def hello(self):
        self.client.get("/hello")


class FastEagerUser(FastHttpUser):
    """EagerUser with the fast client."""

    wait_time = constant(0.01)

    @task
    def hello(self):
        self.client.get("/hello")


class FastLazyUser(FastHttpUser):
    """LazyUser with the fast client."""

    wait_time = constant(2)

    @task
    def hello(self):
        self.client.get("/hello")


class FastBusyUser(FastHttpUser):
    """BusyUser with the fast client."""

    wait_time = constant(0)

    @task
    def hello(self):
        self.client.get("/hello")


class SeveralUser(HttpUser):
    """Several requests at once; only in C++."""

    @task
    def page(self):
        raise NotImplementedError


class FastSeveralUser(SeveralUser):
    pass


class PatientUser(HttpUser):
    """Its task takes a second and a half and ends with a second request."""

    @task
    def long_task(self):
        self.client.get("/delay/1500", name="slow half")
        self.client.get("/hello", name="quick half")


class StubbornUser(HttpUser):
    """Its task takes longer than any test waits."""

    @task
    def endless(self):
        self.client.get("/hello")
        self.client.get("/delay/60000")


class LeavingUser(HttpUser):
    """Says goodbye in on_stop."""

    wait_time = constant(0.1)

    @task
    def hello(self):
        self.client.get("/hello")

    def on_stop(self):
        self.client.get("/status/202", name="goodbye")


class DelayUser(HttpUser):
    wait_time = constant(0)

    @task
    def delay(self):
        self.client.get("/delay/100")


class TaggedUser(HttpUser):
    wait_time = constant(0.05)

    @tag("read")
    @task
    def read(self):
        self.client.get("/hello", name="read")

    @tag("write", "slow")
    @task
    def write(self):
        self.client.post("/hello", name="write", data="x")

    @task
    def plain(self):
        self.client.get("/hello", name="plain")
