"""A real Prometheus that scrapes what it is told to, every second."""
import math
import shutil
import subprocess

import pytest
import requests

from ports import free_port

from .process import Process
from .wait import eventually


def installed(name):
    """Both are of one package."""
    program = shutil.which(name)
    if not program:
        pytest.skip("prometheus is not installed; tools/setup --tests")
    return program


class Prometheus(Process):
    def __init__(self, lab, *targets):
        program = installed("prometheus")
        config = lab.folder / "prometheus.yml"
        hosts = ", ".join(f'"{target}"' for target in targets)
        config.write_text(
            "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
            f"scrape_configs: [{{job_name: katydid, static_configs: [{{targets: [{hosts}]}}]}}]\n"
        )
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [program, f"--config.file={config}", f"--storage.tsdb.path={lab.folder}/prometheus-data"]
        super().__init__("prometheus", [*command, f"--web.listen-address=127.0.0.1:{port}"], lab.folder)
        eventually(self._answers, "prometheus answers")

    def _answers(self):
        try:
            return requests.get(f"{self.url}/-/ready", timeout=5).ok
        except requests.ConnectionError:
            return False

    def query(self, expression, label="name"):
        """Values by one of their labels."""
        answer = requests.get(f"{self.url}/api/v1/query", {"query": expression}, timeout=10).json()
        assert answer["status"] == "success", answer
        return {each["metric"].get(label, ""): float(each["value"][1]) for each in answer["data"]["result"]}

    def numbers(self, expression):
        """All that an expression gives and that is a number: where nothing was counted, a percentile is none."""
        answer = requests.get(f"{self.url}/api/v1/query", {"query": expression}, timeout=10).json()
        assert answer["status"] == "success", answer
        values = [float(each["value"][1]) for each in answer["data"]["result"]]
        return [value for value in values if not math.isnan(value)]

    def value(self, expression):
        return sum(self.query(expression).values())


def complaints(page):
    """What promtool finds wrong with a page of metrics."""
    done = subprocess.run([installed("promtool"), "check", "metrics"], input=page, capture_output=True, timeout=30)
    return (done.stdout + done.stderr).decode() if done.returncode else ""
