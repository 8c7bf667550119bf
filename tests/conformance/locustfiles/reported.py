"""The same users as in reported.cpp."""
from locust import FastHttpUser, constant, task


class ReportedUser(FastHttpUser):
    wait_time = constant(0.05)

    @task(10)
    def hello(self):
        self.client.get("/hello")

    @task(4)
    def slow(self):
        self.client.get("/delay/25", name="/delay/[ms]")

    @task
    def broken_server(self):
        self.client.get("/status/500")

    @task
    def hostile(self):
        self.client.get("/hello", name='comma, "quotes"\r\nand </script><script>alert(1)</script>')
        self.client.get("/hello", name="=1+1")
        self.client.get("/hello", name="café \ufffd")
        with self.client.get("/hello", name="checked", catch_response=True) as response:
            response.failure('"no", <b>never</b>\nand no')

    @task
    def throws(self):
        raise RuntimeError('thrown, with "quotes"\nand a line')
