"""A user that is stopped deep in its task sets: the innermost set's on_stop comes first."""

from locust import FastHttpUser, TaskSet, constant, task


class Stopped(FastHttpUser):
    wait_time = constant(0)

    def on_stop(self):
        self.client.get("/hello?user-on_stop")

    @task
    class Outer(TaskSet):
        def on_stop(self):
            self.client.get("/hello?outer-on_stop")

        @task
        class Inner(TaskSet):
            wait_time = constant(1000)

            def on_start(self):
                self.client.get("/hello?inner-on_start")

            def on_stop(self):
                self.client.get("/hello?inner-on_stop")

            @task
            def last(self):
                self.client.get("/hello?last")
