"""Tasks that schedule what comes next."""

from locust import FastHttpUser, SequentialTaskSet, constant, task
from locust.exception import StopUser


class Shopper(FastHttpUser):
    wait_time = constant(0)

    @task
    class Outer(SequentialTaskSet):
        def on_start(self):
            self.schedule_task(self.extra)

        def extra(self):
            self.client.get("/hello?extra")

        def sooner(self):
            self.client.get("/hello?sooner")

        @task
        def first(self):
            self.client.get("/hello?first")
            self.schedule_task(self.extra)
            self.schedule_task(self.Aside)
            self.schedule_task(self.sooner, first=True)

        class Aside(SequentialTaskSet):
            @task
            def aside(self):
                self.client.get("/hello?aside")
                self.interrupt()

        @task
        def second(self):
            self.client.get("/hello?second")
            self.schedule_task(self.first)

        @task
        def last(self):
            self.client.get("/hello?last")
            raise StopUser
