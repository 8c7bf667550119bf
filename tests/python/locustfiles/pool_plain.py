from locust import FastHttpUser, TaskSet, constant, task


class Buyer(FastHttpUser):
    wait_time = constant(1000)  # which the rate replaces

    @task
    def buy(self) -> None:
        self.client.get("/hello")


class Nested(Buyer):
    """Tasks of a set begin when they are due, too."""

    @task
    class Basket(TaskSet):
        def on_start(self) -> None:
            self.begun = 0

        @task
        def look(self) -> None:
            self.client.get("/hello", name="/basket")
            self.begun += 1
            if self.begun == 3:
                self.interrupt(reschedule=False)
