"""A user that takes a whole core, until the monitor has seen that, or has looked four times."""

import time

from locust import FastHttpUser, constant, events, task

ENOUGH = 4
looks = []


@events.cpu_warning.add_listener
def warned(environment, cpu_usage, **_):
    print(f"EVENT warning {cpu_usage}", flush=True)


@events.usage_monitor.add_listener
def looked(environment, cpu_usage, memory_usage, **_):
    print(f"EVENT usage {cpu_usage}", flush=True)
    looks.append(cpu_usage)


class Busy(FastHttpUser):
    wait_time = constant(0)

    @task
    def burn(self):
        end = time.monotonic() + 0.05
        while time.monotonic() < end:
            pass
        if len(looks) == ENOUGH or (looks and looks[-1] > 90):
            self.environment.runner.quit()
