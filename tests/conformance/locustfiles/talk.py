"""Custom messages both ways and custom arguments; talk.cpp is the C++ worker's side."""
from locust import HttpUser, constant, events, task
from locust.runners import MasterRunner, WorkerRunner


@events.init_command_line_parser.add_listener
def arguments(parser):
    parser.add_argument("--basket-size", type=int, default=1)
    parser.add_argument("--season", default="spring")


@events.init.add_listener
def register(environment, runner, **_):
    if isinstance(runner, MasterRunner):

        def answered(environment, msg, **_):
            print(f"master heard: {msg.data}", flush=True)

        runner.register_message("answer", answered)
    if isinstance(runner, WorkerRunner):

        def asked(environment, msg, **_):
            environment.runner.send_message("answer", {"question": msg.data, "says": "fine, thank you"})

        runner.register_message("question", asked)


@events.spawning_complete.add_listener
def ask(user_count, **_):
    runner = held.get("runner")
    if isinstance(runner, MasterRunner):
        runner.send_message("question", {"text": "how are you?", "numbers": [1, 2.5, None, True]})
        runner.send_message("nobody-listens-for-this", None)


held = {}


@events.init.add_listener
def hold(runner, **_):
    held["runner"] = runner


class TalkingUser(HttpUser):
    host = "http://127.0.0.1:9"  # nobody listens there: the master's host has to win
    wait_time = constant(0.1)

    @task
    def shop(self):
        options = self.environment.parsed_options
        self.client.get("/hello", name=f"{options.season} {options.basket_size}")
