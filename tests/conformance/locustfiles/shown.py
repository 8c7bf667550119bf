"""One class with something for each page of the web interface; shown.cpp is the same in C++."""
from locust import HttpUser, constant, task


class ShownUser(HttpUser):
    wait_time = constant(0.05)

    @task(8)
    def works(self):
        self.client.get("/hello")

    @task
    def fails(self):
        self.client.get("/status/500", name="/broken")

    @task
    def throws(self):
        self.client.get("/hello")
        raise RuntimeError("this task is broken")
