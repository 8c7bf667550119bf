"""For the master."""
from locust import User, task


class DebuggedUser(User):
    @task
    def work(self):
        raise NotImplementedError("this user class runs on Katydid workers")
