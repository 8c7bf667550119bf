"""Locust's SocketIOUser, as its own example has it; each user ends by itself."""

from locust import constant, task
from locust.contrib.socketio import SocketIOUser
from locust.exception import StopUser


class Chatter(SocketIOUser):
    wait_time = constant(0.01)
    calls = 0

    def on_start(self):
        self.sio.connect(self.host, transports=["websocket"])

    def on_stop(self):
        self.sio.disconnect()

    @task
    def chat(self):
        assert self.sio.call("echo", "hello") == "hello"
        self.calls += 1
        if self.calls == 50:
            raise StopUser
