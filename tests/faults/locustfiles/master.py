"""What the master knows of the lab's users: their names."""

from locust import HttpUser, task

OF_EVERY_MODE = ["CurlUser", "FastUser", "PlainUser", "PlainFastUser", "CoroutineUser"]
BURDENS = ["Failing", "TimingOut", "Circling", "Loading", "Discarding", "Streaming", "Trickling", "Naming", "Logging"]


class Named(HttpUser):
    abstract = True

    @task
    def nothing(self):
        pass


hungry = [f"Hungry{name}" for name in OF_EVERY_MODE]
for name in [*OF_EVERY_MODE, *hungry, *(client + burden for client in ("Curl", "Fast") for burden in BURDENS)]:
    globals()[name] = type(name, (Named,), {})
