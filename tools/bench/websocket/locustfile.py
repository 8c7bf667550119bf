"""Users that ask an echo by one WebSocket that stays open, by the library that Locust's SocketIOUser is on."""

import websocket
from locust import User, constant, task


class Asker(User):
    wait_time = constant(0)

    def on_start(self):
        with self.environment.events.request.measure("WS", "/echo"):
            self.socket = websocket.create_connection(self.host.replace("http", "ws") + "/echo")

    @task
    def ask(self):
        with self.environment.events.request.measure("WSC", "/echo"):
            self.socket.send("a message that has thirty-two b.")
            answer = self.socket.recv()
        assert len(answer) == 32
