"""Listeners of `request` that steer the task which has asked."""

from locust import FastHttpUser, SequentialTaskSet, constant, events, task
from locust.exception import InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopUser

STEPS = {
    "later": RescheduleTask(),
    "at_once": RescheduleTaskImmediately(),
    "leave": InterruptTaskSet(),
    "caught": RescheduleTask(),
    "end": StopUser(),
}


@events.request.add_listener
def steer(name, **_):
    if name in STEPS:
        raise STEPS[name]


@events.request.add_listener
def heard(name, **_):
    print("EVENT", name, flush=True)


class Steered(FastHttpUser):
    wait_time = constant(0)

    def on_stop(self):
        self.client.get("/hello?user-on_stop", name="user-on_stop")

    @task
    class Main(SequentialTaskSet):
        @task
        def later(self):
            self.client.get("/hello?unheard", name="unheard")
            self.client.get("/hello?later", name="later")
            self.client.get("/hello?never", name="never")

        @task
        def at_once(self):
            self.client.get("/hello?at_once", name="at_once")
            self.client.get("/hello?never", name="never")

        @task
        class Inner(SequentialTaskSet):
            def on_stop(self):
                self.client.get("/hello?inner-on_stop", name="inner-on_stop")

            @task
            def leave(self):
                self.client.get("/hello?leave", name="leave")
                self.client.get("/hello?never", name="never")

        # only in Python
        @task
        def caught(self):
            with self.client.get("/hello?caught", name="caught", catch_response=True) as response:
                response.failure("not today")
            self.client.get("/hello?never", name="never")

        # up to here

        @task
        def end(self):
            self.client.get("/hello?end", name="end")
            self.client.get("/hello?never", name="never")
