"""Task sets that choose their tasks themselves."""

from locust import FastHttpUser, SequentialTaskSet, TaskSet, constant, task
from locust.exception import StopUser


class Chooser(FastHttpUser):
    wait_time = constant(0)

    @task
    class Main(TaskSet):
        steps = 0

        def get_next_task(self):
            self.steps += 1
            if self.steps == 1:
                return self.unmarked
            if self.steps == 2:
                return self.Skipping
            if self.steps == 3:
                raise ValueError("get_next_task is broken")
            if self.steps == 4:
                return super().get_next_task()
            return self.end

        def unmarked(self):
            self.client.get("/hello?unmarked")
            self.schedule_task(self.scheduled)

        def scheduled(self):
            self.client.get("/hello?scheduled")

        @task
        def usual(self):
            self.client.get("/hello?usual")

        class Skipping(SequentialTaskSet):
            def get_next_task(self):
                super().get_next_task()
                return super().get_next_task()

            @task
            def first(self):
                self.client.get("/hello?first")

            @task
            def second(self):
                self.client.get("/hello?second")

            @task
            def third(self):
                self.client.get("/hello?third")
                self.interrupt()

        def end(self):
            self.client.get("/hello?end")
            raise StopUser
