"""What a worker sees of its master, and adds to its reports: a plain locustfile, rewritten for the other users.

The count goes over with each report and begins anew, as Locust's documentation does it.
"""

from locust import FastHttpUser, constant, events, task

counts = {"asked": 0}


@events.request.add_listener
def count(**_):
    counts["asked"] += 1


@events.report_to_master.add_listener
def report(client_id, data, **_):
    data["asked"] = counts["asked"]
    data["who"] = client_id
    counts["asked"] = 0


@events.heartbeat_received.add_listener
def heartbeat(client_id, timestamp, **_):
    print("HEARTBEAT", len(client_id) > 10, timestamp > 1.7e9, flush=True)


@events.usage_monitor.add_listener
def usage(cpu_usage, memory_usage, **_):
    print("USAGE", 0 <= cpu_usage <= 200, memory_usage > 1e6, flush=True)


@events.spawning_complete.add_listener
def spawned(user_count, **_):
    print("SPAWNED", user_count, flush=True)


@events.quitting.add_listener
def quitting(environment, **_):
    environment.process_exit_code = 7


class Reporting(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def ask(self):
        self.client.get("/hello")
