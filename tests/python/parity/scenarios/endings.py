"""Users that end themselves, or the whole run, as ENDING says."""

import os

from locust import FastHttpUser, TaskSet, constant, events, task
from locust.exception import StopTest

ENDING = os.environ["ENDING"]


def tell(what):
    print("EVENT", what, flush=True)


@events.test_stopping.add_listener
def test_stopping(environment, **_):
    tell("test_stopping")


@events.test_stop.add_listener
def test_stop(environment, **_):
    tell("test_stop")


@events.quitting.add_listener
def quitting(environment, **_):
    tell("quitting")


class Ender(FastHttpUser):
    wait_time = constant(5)

    def on_stop(self):
        self.client.get("/hello?user-on_stop")

    @task
    class Main(TaskSet):
        def on_stop(self):
            self.client.get("/hello?set-on_stop")

        @task
        def end(self):
            self.client.get("/hello?before")
            if ENDING == "stop":
                self.user.stop()
                self.client.get("/hello?after")
            elif ENDING == "stop_test":
                raise StopTest("why not")
            else:
                self.user.environment.runner.quit()
