"""Listeners of `request` that steer the task which has asked."""

from locust import FastHttpUser, SequentialTaskSet, constant, events, task
from locust.exception import InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopUser

STEPS = {
    "later": RescheduleTask(),
    "at_once": RescheduleTaskImmediately(),
    "leave": InterruptTaskSet(),
    "caught": RescheduleTask(),
    "caught_at_once": RescheduleTaskImmediately(),
    "at_the_end": InterruptTaskSet(),
    "replaced": RescheduleTask(),
    "caught_end": StopUser(),
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

        @task
        def caught(self):
            with self.client.get("/hello?caught", name="caught", catch_response=True) as response:
                response.failure("not today")
            self.client.get("/hello?never", name="never")

        @task
        def caught_at_once(self):
            with self.client.get("/hello?caught_at_once", name="caught_at_once", catch_response=True) as response:
                response.success()
            self.wait()
            self.client.get("/hello?never", name="never")

        @task
        class Judged(SequentialTaskSet):
            @task
            def at_the_end(self):
                with self.client.get("/hello?at_the_end", name="at_the_end", catch_response=True) as response:
                    response.success()

            @task
            def unreached(self):
                self.client.get("/hello?never", name="never")

        @task
        def replaced(self):
            with self.client.get("/hello?replaced", name="replaced", catch_response=True) as response:
                response.failure("so it is counted")
                raise ValueError("never said")

        @task
        def caught_end(self):
            with self.client.get("/hello?caught_end", name="caught_end", catch_response=True) as response:
                response.success()
            self.client.get("/hello?never", name="never")
