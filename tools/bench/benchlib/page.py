"""docs/performance.md: its tables come from results that are kept as JSON, the words around them are written by hand.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`. NAME is that of a file in docs/performance/, or of a table that is
made from several: `machine` and `gains`.
"""

import json
import re

from benchlib.machine import ROOT
from benchlib.tables import KINDS, grouped, head, line, median

PAGE = ROOT / "docs/performance.md"
RESULTS = ROOT / "docs/performance"
TABLE = re.compile(r"(<!-- table: (\S+) -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)
BUSY = 0.1  # of the cores: with more, figures are not worth quoting


class Wrong(Exception):
    """The page and the results don't belong together."""


def load():
    """The results by name."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(RESULTS.glob("*.json"))}


def rewritten(text, results):
    """The page with the tables that these results make."""
    made = {name: _run(result) for name, result in results.items()}
    made |= {"machine": _machine(results), "gains": _gains(results)}
    wanted = [match[2] for match in TABLE.finditer(text)]
    if text.count("<!-- table:") != len(wanted):
        raise Wrong("a table is not closed by <!-- end -->")
    if unknown := [name for name in wanted if name not in made]:
        raise Wrong(f"there are no results for {', '.join(unknown)}")
    if unused := [name for name in results if name not in wanted]:
        raise Wrong(f"the page has no table for {', '.join(unused)}")
    return TABLE.sub(lambda match: match[1] + "\n".join(made[match[2]]) + "\n" + match[4], text)


def _run(result):
    return [f"`{result['command']}`", "", *KINDS[result["kind"]](result["rows"])]


def _machine(results):
    """A line for each machine."""
    for (machine,), runs in grouped(results.values(), "machine").items():
        versions = dict.fromkeys(version for run in runs for version in run["versions"])
        days = " and ".join(sorted({run["date"] for run in runs}))
        shares = sorted(run["busy"] for run in runs)
        yield (f"{machine}; {', '.join(versions)}; {days}. Before the runs, other programs used {shares[0]:.0%} to "
               f"{shares[-1]:.0%} of the cores.")  # fmt: skip
        if shares[-1] > BUSY:
            yield "**The machine was busy: these figures show that the tools work, and are not worth quoting.**"


def _gains(results):
    """What a class of Locust's costs on Locust's worker, on Katydid, and in C++."""
    yield from head("users|", "requests|", "Locust's worker", "the same file on Katydid", "with a listener", "written in C++")
    for base, hosted, cpp in [("FastHttpUser", "gevent-fast", "katydid-fast"), ("HttpUser", "gevent-http", "katydid")]:
        for mix in ("hello", "realistic"):
            costs = {peer: median(rows, "cpu") for (peer,), rows in grouped(results[mix]["rows"], "peer").items()}
            cells = [f"{costs[peer]:.1f} (1/{costs[base] / costs[peer]:.0f})" for peer in (hosted, f"{hosted}-events", cpp)]
            yield line([f"`{base}`", mix, f"{costs[base]:.0f}", *cells])
