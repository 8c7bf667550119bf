"""Wait times of users and of task sets, by the gaps between requests."""

from locust import FastHttpUser, SequentialTaskSet, constant, constant_pacing, task
from locust.exception import StopUser


class Waiter(FastHttpUser):
    wait_time = constant(0.2)

    @task
    class Main(SequentialTaskSet):
        @task
        def by_the_user(self):
            self.client.get("/hello?0.2")

        @task
        class OwnWait(SequentialTaskSet):
            wait_time = constant(0.4)

            @task
            def by_the_set(self):
                self.client.get("/hello?0.4")

            @task
            def wait_within(self):
                self.client.get("/hello?within-0.4")
                self.wait()
                self.client.get("/hello?then-0.2")
                self.user.wait()
                self.client.get("/hello?leave-0")
                self.interrupt()

        @task
        class Paced(SequentialTaskSet):
            wait_time = constant_pacing(0.5)

            @task
            def one(self):
                self.client.get("/delay/200?pace-0.5")

            @task
            def two(self):
                self.client.get("/hello?two-0.2")
                self.interrupt(reschedule=False)

        @task
        def end(self):
            self.client.get("/hello?end-0")
            raise StopUser
