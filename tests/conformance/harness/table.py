"""Reads the statistics table that Locust and katydid print."""
import re

ROW = re.compile(r"^\s*(?:[A-Z]+ +)?(\S.*?) +(\d+) +(\d+)\(\d+\.\d+%\)", re.M)


def last_table(output):
    """(requests, failures) by name, from the last table of `output`; later ones replace earlier ones."""
    return {name: (int(requests), int(failures)) for name, requests, failures in ROW.findall(output)}
