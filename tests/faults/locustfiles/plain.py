"""The lab's users as Locust has them, run on gevent."""

from locust import FastHttpUser, HttpUser, constant, task


def visitor(base):
    class Visitor(base):
        abstract = True
        wait_time = constant(0.05)

        @task(3)
        def read(self):
            self.client.get("/hello")

        @task(3)
        def write(self):
            self.client.post("/echo", data="a few words")

        @task
        def wait(self):
            self.client.get("/delay/40")

    return Visitor


class PlainUser(visitor(HttpUser)):
    pass


class PlainFastUser(visitor(FastHttpUser)):
    pass
