"""What a run was and what came out of it, kept as JSON: the command, the machine, the versions and each row of each round."""

import datetime
import json
import pathlib
import shlex
import sys

from benchlib.machine import KATYDID, busy, machine, versions

# What these peers need by variable; the values are this machine's business.
VARIABLES = {"KATYDID_BOOMER": "boomer", "KATYDID_LIBCURL": "katydid-other-libcurl"}


def add_option(parser):
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="keep the run and each row of each round here")


def _command(arguments):
    """The command line without --json and its file."""
    kept, skip = [], False
    for argument in arguments:
        if skip or argument == "--json" or argument.startswith("--json="):
            skip = argument == "--json"
            continue
        kept.append(argument)
    variables = [f"{name}=…" for name, peer in VARIABLES.items() if any(argument.startswith(peer) for argument in kept)]
    return " ".join([*variables, f"tools/bench/{pathlib.Path(sys.argv[0]).name}", *map(shlex.quote, kept)])


class Results:
    """Made before the first measurement, while nothing of ours runs. `kind` says what the rows are: a table of tables.py."""

    def __init__(self, kind, *programs, katydid=KATYDID):
        """`programs` are those whose versions matter, besides Katydid's."""
        self.header = {
            "kind": kind,
            "command": _command(sys.argv[1:]),
            "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
            "machine": machine(),
            "busy": round(busy(), 2),
            "versions": versions(katydid, *programs),
        }
        self.rows = []

    def print_machine(self):
        print(f"{self.header['machine']}; {', '.join(self.header['versions'])}\n", flush=True)

    def write(self, file):
        """One row a line, so that a difference can be read; does nothing without a file."""
        if not file:
            return
        head = json.dumps(self.header, indent=1, ensure_ascii=False).removesuffix("\n}")
        rows = ",\n".join(f"  {json.dumps(_rounded(row), ensure_ascii=False)}" for row in self.rows)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'{head},\n "rows": [\n{rows}\n ]\n}}\n')


def _rounded(row):
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()}
