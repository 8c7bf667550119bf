"""The same class for the master; only in C++."""

from locust import HttpUser, constant, task


class Http3User(HttpUser):
    wait_time = constant(0.01)

    @task
    def page(self):
        raise NotImplementedError
