"""Users who chat over a WebSocket: they ask and wait for the answer, or hear what others say.

katydid -f examples/python/websocket.py --master-host HOST
"""

from katydid import AsyncUser, constant, task


class Talker(AsyncUser):
    wait_time = constant(0.02)

    @task
    async def talk(self) -> None:
        async with self.websocket("/chat") as socket:
            for i in range(5):
                answer = await socket.ask(f"hello {i}", name="hello")
                assert answer, "an empty answer"
                await self.wait()


class Listener(AsyncUser):
    wait_time = constant(0.02)

    @task
    async def listen(self) -> None:
        socket = await self.websocket("/news", subprotocols=["news.v2", "news.v1"], compression=True)
        await socket.send("subscribe")
        async for message in socket:
            if message == "bye":
                await socket.close(1000, "thanks")
