"""Wait times that chance draws, and one that counts the users: as many waits of each as there are requests."""

from locust import FastHttpUser, SequentialTaskSet, between, constant_throughput, poisson, task
from locust.exception import StopUser


class Drawn(FastHttpUser):
    wait_time = between(0, 0)

    @task
    class Main(SequentialTaskSet):
        @task
        class Between(SequentialTaskSet):
            wait_time = between(0.01, 0.05)
            asked = 0

            @task
            def ask(self):
                self.client.get("/hello?between")
                self.asked += 1
                if self.asked == 100:
                    self.interrupt()

        @task
        class Poisson(SequentialTaskSet):
            wait_time = poisson(40)
            asked = 0

            @task
            def ask(self):
                self.client.get("/hello?poisson")
                self.asked += 1
                if self.asked == 200:
                    self.interrupt()

        @task
        class Throughput(SequentialTaskSet):
            wait_time = constant_throughput(40)
            asked = 0

            @task
            def ask(self):
                self.client.get("/delay/10?throughput")
                self.asked += 1
                if self.asked == 60:
                    raise StopUser
