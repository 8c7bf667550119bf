"""For the master only: a class that no worker has, beside HelloUser."""
from locust import User, task


class GhostUser(User):
    @task
    def haunt(self):
        pass


class HelloUser(User):
    @task
    def nothing(self):
        pass
