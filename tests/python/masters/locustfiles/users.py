"""Users of both kinds whose requests the target counts; some answers take a while: users are stopped under way."""

from locust import FastHttpUser, HttpUser, User, constant, task


class Requests(User):
    abstract = True
    wait_time = constant(0.01)

    @task(3)
    def hello(self):
        self.client.get("/hello")

    @task
    def slow(self):
        self.client.get("/delay/150", name="/delay")


class RequestsUser(Requests, HttpUser):
    @task
    def judged(self):
        with self.client.post("/echo", json={"a": 1}, catch_response=True) as response:
            if response.json() != {"a": 1}:
                response.failure("another answer")


class FastUser(Requests, FastHttpUser):
    @task
    def missing(self):
        self.client.get("/status/404")
