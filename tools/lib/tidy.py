#!/usr/bin/env python3
"""tools/lib/tidy.py CLANG_TIDY BUILD CHECKS FILES...

Runs clang-tidy on the files that have changed since it found nothing in them, as it takes minutes for all. A file has
changed when the preprocessor says something else of it, comments included, or when .clang-tidy does.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "katydid-tidy"


def fingerprint(entry, settings):
    command = [word for word in shlex.split(entry["command"]) if pathlib.Path(word).name != "ccache"]
    output = command.index("-o")
    preprocess = [*command[:output], *command[output + 2 :], "-E", "-C", "-P"]
    text = subprocess.run(preprocess, cwd=entry["directory"], check=True, capture_output=True).stdout
    return hashlib.sha256(settings + b"\0" + text).hexdigest()


def main():
    tidy, build, checks, *files = sys.argv[1:]
    entries = json.loads((pathlib.Path(build) / "compile_commands.json").read_text())
    commands = {os.path.realpath(entry["file"]): entry for entry in entries}
    version = subprocess.run([tidy, "--version"], check=True, capture_output=True).stdout
    settings = version + checks.encode() + pathlib.Path(".clang-tidy").read_bytes()
    CACHE.mkdir(parents=True, exist_ok=True)

    def check(file):
        clean = CACHE / fingerprint(commands[os.path.realpath(file)], settings)
        if clean.exists():
            clean.touch()
            return True
        command = [tidy, "-p", build, "--quiet", f"--checks={checks}", "--warnings-as-errors=*", file]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            print(run.stdout, end="", flush=True)
            return False
        clean.touch()
        return True

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        sys.exit(0 if all(list(pool.map(check, files))) else 1)


if __name__ == "__main__":
    main()
