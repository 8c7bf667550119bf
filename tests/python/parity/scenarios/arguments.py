"""Arguments that the locustfile adds, by the command line, by a variable, and left out."""

from locust import FastHttpUser, events, task
from locust.exception import StopUser


@events.init_command_line_parser.add_listener
def add_arguments(parser, **_):
    parser.add_argument("--items", type=int, default=3, help="How many items to buy")
    parser.add_argument("-x", "--cross", type=float, default=0.5, help="A number")
    parser.add_argument("--word", type=str, env_var="PARITY_WORD", default="none", help="A word of a variable's")
    parser.add_argument("--other-word", type=str, default="unsaid", help="A word that nobody says")
    parser.add_argument("--fast", action="store_true", help="A flag")
    parser.add_argument("--slow", action="store_true", help="A flag that is not given")
    parser.add_argument("--kind", choices=["a", "b"], default="a", help="One of two")


@events.test_start.add_listener
def test_start(environment, **_):
    given = environment.parsed_options
    print("EVENT", given.items, given.cross, given.word, given.other_word, flush=True)
    print("EVENT", int(given.fast), int(given.slow), given.kind, flush=True)


class Buyer(FastHttpUser):
    @task
    def buy(self):
        self.client.get(f"/hello?{self.environment.parsed_options.items}")
        raise StopUser
