"""For the master of watched.cpp: the names of its users."""
from locust import User, task


class Visitor(User):
    @task
    def hello(self):
        pass


class Buyer(User):
    fixed_count = 1

    @task
    def buy(self):
        pass
