"""Users who log in: a token that goes with each request, a session cookie, and a server that asks for a digest.

katydid -f examples/python/login.py --master-host HOST
"""

import json

from katydid import AsyncUser, StopUser, constant, task


class TokenUser(AsyncUser):
    wait_time = constant(0.1)
    token = ""

    async def on_start(self) -> None:
        await self.log_in()

    async def log_in(self) -> None:
        answer = await self.client.post("/echo", json={"token": "t0ken"}, name="/login")
        if not answer.ok:
            raise StopUser
        self.token = json.loads(answer.json()["body"])["token"]

    @task
    async def account(self) -> None:
        answer = await self.client.get("/bearer/t0ken", bearer=self.token, name="/account")
        if answer.status_code == 401:
            await self.log_in()


class CookieUser(AsyncUser):
    wait_time = constant(0.1)

    async def on_start(self) -> None:
        await self.client.get("/cookies/set?session=s3cret", name="/session")

    @task
    async def basket(self) -> None:
        async with self.client.get("/cookies", name="/basket", catch_response=True) as answer:
            if "s3cret" not in answer.text:
                answer.failure("not logged in")


class DigestUser(AsyncUser):
    wait_time = constant(0.1)

    @task
    async def report(self) -> None:
        await self.client.get("/digest-auth/ann/secret", digest=("ann", "secret"), name="/report")
