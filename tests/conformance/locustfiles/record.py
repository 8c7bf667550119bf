"""For the master only: shows what it knows right now at /now (the web interface's own page is up to two seconds old), and
writes it to the file that RECORD_TO names as the master quits."""
import json
import os

from locust import events

held = {}


def numbers(entry):
    return {
        "name": entry.name,
        "method": entry.method,
        "num_requests": entry.num_requests,
        "num_failures": entry.num_failures,
        "max_response_time": entry.max_response_time,
        "avg_response_time": entry.avg_response_time,
        "total_content_length": entry.total_content_length,
    }


def now():
    runner, stats = held["environment"].runner, held["environment"].stats
    return {
        "state": runner.state,
        "user_count": runner.user_count,
        "classes": {name: count for name, count in runner.reported_user_classes_count.items() if count},
        "workers": [
            {"id": w.id, "state": w.state, "user_count": w.user_count, "cpu_usage": w.cpu_usage}
            for w in runner.clients.all
        ],
        "total": numbers(stats.total),
        "entries": [numbers(entry) for entry in stats.entries.values()],
        "errors": [[e.method, e.name, str(e.error), e.occurrences] for e in stats.errors.values()],
    }


@events.init.add_listener
def start(environment, web_ui, **_):
    held["environment"] = environment
    if web_ui:
        web_ui.app.add_url_rule("/now", "now", now)


@events.quit.add_listener
def write(exit_code, **_):
    with open(os.environ["RECORD_TO"], "w", encoding="utf-8") as file:
        json.dump({"exit_code": exit_code, **now()}, file)
