"""What workers list as cut off: "5 requests were cut off at stop: GET /hello 3, POST /cart 2"."""

import re
from collections import Counter


def cut_off(log: str) -> int:
    """Requests that a worker has cut off, over all stops in its log."""
    return sum(map(int, re.findall(r"(\d+) requests? (?:was|were) cut off at stop", log)))


def cut_off_by_name(log: str) -> Counter[str]:
    """The same by "METHOD name", of those that the lists name: the first ten of each stop."""
    counts: Counter[str] = Counter()
    for listed in re.findall(r"cut off at stop: (.*)", log):
        for name, times in re.findall(r"([A-Z]+ \S+) (\d+)", listed):
            counts[name] += int(times)
    return counts
