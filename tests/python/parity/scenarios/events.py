"""Events, each with what its listeners get, in the order in which they come."""

from locust import FastHttpUser, constant, events, task
from locust.exception import StopUser


def tell(*what):
    print("EVENT", *what, flush=True)


@events.init.add_listener
def init(environment, **_):
    tell("init")


@events.test_start.add_listener
def test_start(environment, **_):
    tell("test_start")


@events.test_start.add_listener
def broken(environment, **_):
    raise ValueError("a listener is broken")


@events.test_start.add_listener
def after_the_broken_one(environment, **_):
    tell("test_start again")


@events.spawning_complete.add_listener
def spawning_complete(user_count, **_):
    tell("spawning_complete", user_count)


@events.test_stopping.add_listener
def test_stopping(environment, **_):
    tell("test_stopping")


@events.test_stop.add_listener
def test_stop(environment, **_):
    tell("test_stop")


@events.quitting.add_listener
def quitting(environment, **_):
    tell("quitting, added first")


@events.quitting.add_listener
def quitting_too(environment, **_):
    tell("quitting, added last")


@events.quit.add_listener
def end(exit_code, **_):
    tell("quit", exit_code)


@events.request.add_listener
def request(request_type, name, response_time, response_length, response, context, exception, url, start_time, **_):
    timed = response_time is not None and response_time > 0 and start_time > 1.7e9
    status = response.status_code if response is not None else None
    path = url.split("/", 3)[3] if url else None
    tell("request", request_type, name, timed, response_length, status, sorted(context.items()), path)
    tell("failure" if exception else "success", str(exception).count("not today"))


@events.user_error.add_listener
def user_error(user_instance, exception, tb, **_):
    tell("user_error", exception)  # user_instance is a task set in Locust


class Listened(FastHttpUser):
    wait_time = constant(0)

    def context(self):
        return {"user": "ann", "step": 0}

    def on_start(self):
        self.client.get("/hello?on_start", name="start")

    @task
    def ask(self):
        self.client.get("/hello?1", name="hello", context={"step": 1})
        self.client.post("/status/404", name="missing", data="x")
        with self.client.get("/hello?2", name="caught", catch_response=True, context={"step": 2}) as response:
            response.failure("not today")
        with self.client.get("/status/500", name="pardoned", catch_response=True) as response:
            response.success()
        self.client.get("/redirect?to=/hello?3", name="redirected")
        self.environment.done = getattr(self.environment, "done", 0) + 1
        if self.environment.done == 2:
            raise StopUser
        raise ValueError("a task is broken")

    def on_stop(self):
        self.client.get("/hello?on_stop", name="stop")
