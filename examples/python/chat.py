"""Users who ask a language model, by an API as OpenAI's.

They count what people feel: how long the first token takes, the gaps between tokens, and how many come in a second.

katydid -f examples/python/chat.py --master-host HOST
"""

import time

from katydid import AsyncUser, constant, task

QUESTION = {"model": "small", "stream": True, "messages": [{"role": "user", "content": "Tell me a story."}]}


class Chatter(AsyncUser):
    wait_time = constant(0)

    @task
    async def ask(self) -> None:
        done = False
        times = [time.perf_counter()]
        answering = self.client.post(
            "/v1/chat/completions", json=QUESTION, name="chat", stream=True, catch_response=True
        )
        async with answering as answer:
            async for event in answer.iter_events():  # to the end, so that the connection serves again
                if event.data == "[DONE]":
                    done = True
                elif event.json()["choices"][0]["delta"].get("content"):
                    times.append(time.perf_counter())
                    name = "first token" if len(times) == 2 else "gap between tokens"
                    self.record("LLM", name, 1000 * (times[-1] - times[-2]))
            if answer.ok and not done:
                answer.failure("the answer ended before [DONE]")
        if len(times) > 2:  # Locust has milliseconds there; these are tokens a second
            self.record("LLM", "tokens a second", (len(times) - 2) / (times[-1] - times[1]))
