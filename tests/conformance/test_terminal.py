"""The view of a run on a terminal, as a terminal emulator shows it."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pyte
import pytest

pytestmark = pytest.mark.katydid


class Screen:
    """katydid on a pseudo-terminal; stdout and stderr are both the terminal, as at a desk."""

    def __init__(self, lab, columns, rows, *options, locustfile="reported", variables=None):
        self.target = lab.target()
        self.screen = pyte.HistoryScreen(columns, rows, history=10_000, ratio=0.99)
        self._stream = pyte.ByteStream(self.screen)
        self.everything = b""
        master, slave = pty.openpty()
        self._master = master
        self.resize(columns, rows)
        command = [lab.katydid, "-f", lab.locustfile(locustfile, ".cpp"), "--headless", "-u", "5", "-r", "5"]
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": ""}
        environment["XDG_CACHE_HOME"] = str(lab.katydid.parent.parent / "conformance-cache")
        self.process = subprocess.Popen(
            [str(part) for part in [*command, "-H", self.target.url, *options]],
            stdin=slave, stdout=slave, stderr=slave, env={**environment, **(variables or {})}, start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def resize(self, columns, rows):
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def read(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                return
            try:
                piece = os.read(self._master, 65536)
            except OSError:  # the other end is closed
                return
            self.everything += piece
            self._stream.feed(piece)

    def read_until(self, condition, what, seconds=60.0):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"{what}; the screen is\n" + "\n".join(self.lines())
            self.read(0.1)

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def row(self, pattern):
        return next((place for place, line in enumerate(self.lines()) if re.search(pattern, line)), None)

    def end(self, number=None):
        if number:
            self.process.send_signal(number)
        self.read_until(lambda: self.process.poll() is not None, "it ends")
        self.read(0.3)
        os.close(self._master)


HEAD = r"^\d+:\d\d( of 0:\d\d)?  5 users  [\d.]+ req/s  [\d.]+% failed"


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (140, 50), (50, 14)])
def test_the_view_stands_below_and_the_log_scrolls_above(columns, rows, lab):
    screen = Screen(lab, columns, rows, "-t", "5s")
    screen.read_until(lambda: screen.row(HEAD) is not None, "the view is there")
    screen.read(2)
    head, lines = screen.row(HEAD), screen.lines()
    assert head >= rows // 2
    assert re.match(r"req/s .*[▁▂▃▄▅▆▇█].* max \d+", lines[head + 1])
    assert re.match(r"95%   .*[▁▂▃▄▅▆▇█].* max \d+", lines[head + 2])
    percentiles = "      50%      95%      99%" if columns >= 80 else "      95%"
    assert re.fullmatch(rf" +reqs  failed    req/s{percentiles}", lines[head + 3])
    assert lines[-1].startswith("Aggregated")
    assert len([line for line in lines if re.search(HEAD, line)]) == 1, "it is drawn over itself"
    if rows >= 24:
        assert any(line.startswith("GET /hello ") for line in lines[head:])
        assert any("a line" in line or "katydid.shard" in line for line in lines[:head]), "the log goes on above"
    else:
        assert "more names" in lines[-2]
    screen.end()
    lines = [line for line in screen.lines() if line]
    assert screen.row(HEAD) is None, "the view is gone"
    assert b"\x1b[r" in screen.everything
    served = screen.target.completed
    final = re.findall(rb"Aggregated +(\d+) +\d+\(", screen.everything)
    assert [int(number) for number in final] == [served], "only the last table is printed, and it has all"
    assert screen.process.returncode == 1


def test_it_follows_the_terminals_size(lab):
    screen = Screen(lab, 120, 40, "-t", "30s")
    screen.read_until(lambda: screen.row(HEAD) is not None, "the view is there")
    screen.resize(70, 24)
    screen.read_until(lambda: screen.row(HEAD) is not None and screen.lines()[-1].startswith("Aggregated"), "it is drawn anew")
    screen.read(1.5)
    assert max(len(line) for line in screen.lines()) <= 70
    screen.end(signal.SIGINT)
    assert screen.row(HEAD) is None


@pytest.mark.parametrize(
    ("size", "variables", "options"),
    [((30, 10), {}, []), ((80, 24), {"TERM": "dumb"}, []), ((80, 24), {}, ["--plain"]), ((80, 24), {"KATYDID_PLAIN": "1"}, [])],
)
def test_elsewhere_there_are_locusts_tables(size, variables, options, lab):
    screen = Screen(lab, *size, "-t", "5s", *options, variables=variables, locustfile="load")
    screen.end()
    assert b"\x1b" not in screen.everything
    assert screen.everything.count(b"Aggregated") >= 3


def test_names_tell_the_terminal_nothing(lab):
    screen = Screen(lab, 100, 40, "-t", "5s", variables={"LANG": "C"})
    screen.read_until(lambda: screen.row(HEAD) is not None, "the view is there")
    screen.read_until(lambda: screen.row(r'^GET comma, "quotes"\?\?and </script>') is not None, "line ends are shown as ?")
    assert not re.search("[▁▂▃▄▅▆▇█]", "\n".join(screen.lines())), "a terminal without UTF-8 gets ASCII"
    screen.end()
