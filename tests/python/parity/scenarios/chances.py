"""Weights and transitions: how often what is chosen, of 4,000 choices each."""

from locust import FastHttpUser, MarkovTaskSet, SequentialTaskSet, TaskSet, constant, task, transition, transitions
from locust.exception import StopUser


class Chooser(FastHttpUser):
    wait_time = constant(0)

    def on_start(self):
        self.counts = {}

    def chosen(self, name):
        """Whether that is enough."""
        self.counts[name] = self.counts.get(name, 0) + 1
        return sum(self.counts.values()) >= 4000

    def tell(self):
        for name in sorted(self.counts):
            self.client.get(f"/hello?{name}={self.counts[name]}")
        self.counts.clear()

    @task
    class Main(SequentialTaskSet):
        @task
        class Weighted(TaskSet):
            def on_stop(self):
                self.user.tell()

            @task(3)
            def three(self):
                if self.user.chosen("three"):
                    self.interrupt()

            @task
            def one(self):
                if self.user.chosen("one"):
                    self.interrupt()

            @task(4)
            class Four(TaskSet):
                @task
                def four(self):
                    self.user.chosen("four")
                    self.interrupt()

        @task
        class Walk(MarkovTaskSet):
            def on_stop(self):
                self.user.tell()

            @transition("one_in_four")
            @transition("start", weight=3)
            def start(self):
                if self.user.chosen("start"):
                    self.interrupt()

            @transitions({"start": 1, "never": 0})
            def one_in_four(self):
                if self.user.chosen("one_in_four"):
                    self.interrupt()

            @transitions(["start", ("one_in_four", 2)])
            def never(self):
                self.user.chosen("never")

        @task
        def end(self):
            raise StopUser
