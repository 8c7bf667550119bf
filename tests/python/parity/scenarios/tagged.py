"""Tags on tasks and on task sets: --tags wanted --exclude-tags not-this."""

from locust import FastHttpUser, SequentialTaskSet, TaskSet, constant, tag, task
from locust.exception import StopUser


class Tagged(FastHttpUser):
    wait_time = constant(0)

    @task
    class Main(SequentialTaskSet):
        @task
        def untagged(self):
            self.client.get("/hello?never")

        @tag("wanted")
        @task
        def wanted(self):
            self.client.get("/hello?wanted")

        @tag("wanted", "not-this")
        @task
        def both(self):
            self.client.get("/hello?never")

        @tag("wanted")
        @task
        class WholeSet(SequentialTaskSet):
            @task
            def one(self):
                self.client.get("/hello?whole-one")

            @tag("not-this")
            @task
            def two(self):
                self.client.get("/hello?never")

            @task
            def leave(self):
                self.client.get("/hello?whole-leave")
                self.interrupt()

        @task
        class Emptied(TaskSet):
            @task
            def never(self):
                self.client.get("/hello?never")

        @task
        class Partly(SequentialTaskSet):
            @task
            def never(self):
                self.client.get("/hello?never")

            @tag("wanted")
            @task
            def leave(self):
                self.client.get("/hello?partly")
                self.interrupt()

        @tag("wanted")
        @task
        def end(self):
            raise StopUser
