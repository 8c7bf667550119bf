"""Task sets within task sets, what is called on the way in and out, and how each interrupt goes on."""

from locust import FastHttpUser, SequentialTaskSet, TaskSet, constant, task
from locust.exception import StopUser


class Shopper(FastHttpUser):
    wait_time = constant(0)

    def on_start(self):
        self.client.get("/hello?user-on_start")
        self.rounds = 0

    def on_stop(self):
        self.client.get("/hello?user-on_stop")

    @task
    class Outer(SequentialTaskSet):
        def on_start(self):
            self.client.get("/hello?outer-on_start")

        def on_stop(self):
            self.client.get("/hello?outer-on_stop")

        @task
        def first(self):
            self.client.get("/hello?first")

        @task(2)
        def twice(self):
            self.client.get("/hello?twice")

        @task
        class Inner(SequentialTaskSet):
            def on_start(self):
                self.client.get("/hello?inner-on_start")

            def on_stop(self):
                self.client.get("/hello?inner-on_stop")

            @task
            def inner_first(self):
                self.parent.parent.client.get("/hello?inner-first")

            @task
            class Innermost(TaskSet):
                @task
                def leave(self):
                    self.client.get("/hello?innermost")
                    self.interrupt(reschedule=False)

                def on_stop(self):
                    self.client.get("/hello?innermost-on_stop")

            @task
            def leave(self):
                self.client.get("/hello?inner-leave")
                self.interrupt()

        @task
        def last(self):
            self.client.get("/hello?last")
            self.user.rounds += 1
            if self.user.rounds == 2:
                raise StopUser
