"""A task with a bug."""

from locust import HttpUser, constant, task


class BuggyUser(HttpUser):
    wait_time = constant(0.5)

    @task
    def fail(self):
        self.client.get("/hello")
        raise RuntimeError("a bug in a task")
