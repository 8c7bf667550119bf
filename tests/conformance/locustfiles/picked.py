"""Two classes to choose from, the one with a task set; picked.cpp is the same in C++."""
from locust import HttpUser, TaskSet, constant, task


class VisitorUser(HttpUser):
    wait_time = constant(0.05)

    @task(3)
    def looks(self):
        self.client.get("/hello")
        self.client.get("/status/500", name="/broken")
        raise RuntimeError("this task is broken")

    @task
    class Searching(TaskSet):
        @task
        def narrow(self):
            self.client.get("/bytes/10", name="/bytes/[size]")
            self.interrupt()

        @task
        def wide(self):
            self.client.get("/bytes/1000", name="/bytes/[size]")
            self.interrupt()


class BuyerUser(HttpUser):
    wait_time = constant(0.05)

    @task
    def buy(self):
        self.client.get("/hello", name="/bought")
