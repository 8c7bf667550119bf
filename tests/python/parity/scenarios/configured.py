"""What --config-users, --equal-weights and --show-task-ratio change and show."""

from locust import FastHttpUser, SequentialTaskSet, TaskSet, constant, task


class Buyer(FastHttpUser):
    wait_time = constant(1000)
    weight = 3

    def on_start(self):
        self.client.get("/hello?Buyer")

    @task(3)
    def look(self):
        self.client.get("/hello?look")

    @task
    def buy(self):
        self.client.get("/hello?buy")

    @task(2)
    class Browse(TaskSet):
        wait_time = constant(1000)

        @task(4)
        def read(self):
            self.client.get("/hello?read")

        @task
        class Deep(SequentialTaskSet):
            @task(2)
            def step(self):
                self.client.get("/hello?step")

            @task
            def again(self):
                self.client.get("/hello?again")


class Admin(FastHttpUser):
    wait_time = constant(1000)

    def on_start(self):
        self.client.get("/hello?Admin")

    @task
    def rule(self):
        self.client.get("/hello?rule")


class Guard(FastHttpUser):
    wait_time = constant(1000)
    fixed_count = 1

    def on_start(self):
        self.client.get("/hello?Guard")

    @task
    def watch(self):
        self.client.get("/hello?watch")
