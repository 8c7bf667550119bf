"""What tasks raise to steer their user, and what goes wrong in a task set's own methods."""

from locust import FastHttpUser, SequentialTaskSet, TaskSet, constant, task
from locust.exception import InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopUser


class Steered(FastHttpUser):
    wait_time = constant(0)

    def on_stop(self):
        self.client.get("/hello?user-on_stop")

    @task
    class Main(SequentialTaskSet):
        def on_stop(self):
            self.client.get("/hello?main-on_stop")
            raise ValueError("main's on_stop is broken")

        @task
        def later(self):
            self.client.get("/hello?later")
            raise RescheduleTask

        @task
        def at_once(self):
            self.client.get("/hello?at_once")
            raise RescheduleTaskImmediately

        @task
        def broken(self):
            self.client.get("/hello?broken")
            raise ValueError("a task is broken")

        @task
        class Refused(TaskSet):
            def on_start(self):
                self.client.get("/hello?refused-on_start")
                raise InterruptTaskSet

            def on_stop(self):
                self.client.get("/hello?never")

            @task
            def never(self):
                self.client.get("/hello?never")

        @task
        class Broken(TaskSet):
            def on_start(self):
                self.client.get("/hello?broken-on_start")
                raise ValueError("on_start is broken")

            def on_stop(self):
                self.client.get("/hello?never")

            @task
            def never(self):
                self.client.get("/hello?never")

        @task
        class Unmade(TaskSet):
            def __init__(self, parent):
                raise ValueError("it cannot be made")

            @task
            def never(self):
                self.client.get("/hello?never")

        @task
        class BrokenAtTheEnd(TaskSet):
            def on_stop(self):
                self.client.get("/hello?broken-on_stop")
                raise ValueError("on_stop is broken")

            @task
            def leave(self):
                self.client.get("/hello?leave")
                self.interrupt()

        @task
        class Last(TaskSet):
            def on_stop(self):
                self.client.get("/hello?last-on_stop")

            @task
            def end(self):
                self.client.get("/hello?end")
                raise StopUser
