"""Adds up what the workers' listeners of report_to_master have added."""

from locust import FastHttpUser, events, task

added = {"asked": 0, "who": set()}


@events.worker_report.add_listener
def worker_report(client_id, data, **_):
    added["asked"] += data["asked"]
    added["who"].add((client_id == data["who"], len(data["who"]) > 10))


@events.quit.add_listener
def tell(**_):
    print("ADDED", added["asked"], added["who"], flush=True)


class Reporting(FastHttpUser):
    @task
    def ask(self):
        raise NotImplementedError
