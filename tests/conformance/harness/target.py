"""The embedded target: it answers, is slow or fails as the path says, and counts what it served."""
import requests

from .process import Process


class Target(Process):
    def __init__(self, program, name, folder, *options):
        super().__init__(name, [program, "--port", "0", *options], folder)
        self.url = self.wait_for_output(r"listens on (http://\S+)", timeout=60).group(1)
        self._session = requests.Session()

    @property
    def tls_url(self):
        """With --tls or --tls-self-signed."""
        return self.wait_for_output(r"listens on (https://\S+)").group(1)

    def counts(self):
        return self._session.get(f"{self.url}/counts", timeout=10).json()

    @property
    def completed(self):
        """Requests that were answered to the last byte."""
        return self.counts()["completed"]

    def completed_of(self, path, method="GET"):
        return self.counts()["by_path"].get(f"{method} {path}", {}).get("completed", 0)

    def reset(self):
        self._session.post(f"{self.url}/counts/reset", timeout=10).raise_for_status()
