"""Report files of a run without a master, beside those of a real Locust's run of the same users."""
import csv
import json
import re
import subprocess
import urllib.parse

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from harness.lab import ROOT

pytestmark = pytest.mark.katydid
FILES = ["stats", "stats_history", "failures", "exceptions"]
HOSTILE = 'comma, "quotes"\r\nand </script><script>alert(1)</script>'


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))


def kind(text):
    """As far as a reader of the file can tell."""
    for name, pattern in {"integer": r"-?\d+", "float": r"-?\d+\.\d+(e[+-]\d+)?", "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"}.items():
        if re.fullmatch(pattern, text):
            return name
    return text


class Run:
    def __init__(self, lab, name, program, suffix, *options, seconds=4):
        self.target = lab.target()
        self.prefix = lab.folder / name / "run"
        command = [program, "-f", lab.locustfile("reported", suffix), "--headless", "--only-summary", "-u", 10, "-r", 20]
        command += ["-t", f"{seconds}s", "-H", self.target.url, "--csv", self.prefix, "--csv-full-history"]
        self.process = lab.run(name, [*command, "--json-file", self.prefix, "--html", lab.folder / name / "{u}_{r}_{t}.html", *options])
        self.code = self.process.wait(120)
        paths = {file: self.prefix.with_name(f"run_{file}.csv") for file in FILES}
        self.tables = {file: rows_of(path) for file, path in paths.items() if path.is_file()}
        self.json = json.loads(self.prefix.with_suffix(".json").read_text())
        (self.html,) = self.prefix.parent.glob("*.html")

    def by_name(self, file):
        return {row[1]: row for row in self.tables[file][1:]}


@pytest.fixture
def ours(lab):
    return Run(lab, "katydid", lab.katydid, ".cpp", "--locust-rounding")


@pytest.fixture
def locusts(lab):
    return Run(lab, "locust", lab.locust, ".py")


def test_files_are_as_locusts_own(ours, locusts):
    assert ours.html.name == locusts.html.name == "10_20_4.html"
    for file in FILES:
        assert ours.tables[file][0] == locusts.tables[file][0], file
    assert set(ours.by_name("stats")) == set(locusts.by_name("stats"))
    for name, theirs in locusts.by_name("stats").items():
        mine = ours.by_name("stats")[name]
        for column, mine_of, their in zip(ours.tables["stats"][0], mine, theirs, strict=True):
            # A median is a key, an integer, unless it lies outside of what was measured.
            if column != "Median Response Time":
                assert kind(mine_of) == kind(their), (name, column)
        assert float(mine[5]) > 0 and float(mine[6]) <= float(mine[4]) <= float(mine[7])
    _, *mine = ours.tables["stats_history"]
    _, *theirs = locusts.tables["stats_history"]
    assert {row[3] for row in mine} == {row[3] for row in theirs}
    for row in mine[1:]:
        other = next(each for each in reversed(theirs) if each[3] == row[3])
        if row[17] != "0" and other[17] != "0":  # Total Request Count
            kinds = [(kind(a), kind(b)) for a, b in zip(row, other, strict=True)]
            kinds.pop(19)  # the median again
            assert all(a == b for a, b in kinds), (row, other)
    failures = {row[1]: row for row in ours.tables["failures"][1:]}
    checked = next(row for row in locusts.tables["failures"] if row[1] == "checked")
    assert failures["checked"][:3] == checked[:3]
    assert [kind(text) for text in failures["checked"][3:]] == [kind(text) for text in checked[3:]]
    (mine,), (theirs,) = ours.tables["exceptions"][1:], locusts.tables["exceptions"][1:]
    assert mine[1] == theirs[1] and mine[3] == theirs[3] == "local"
    assert "reported.cpp" in mine[2]


def test_json_has_locusts_fields(ours, locusts):
    theirs = {each["name"]: each for each in locusts.json}
    assert {each["name"] for each in ours.json} == set(theirs)
    for mine in ours.json:
        other = theirs[mine["name"]]
        assert list(mine) == list(other)
        for field, value in mine.items():
            assert type(value) is type(other[field]), field
        for field in ("response_times", "num_reqs_per_sec"):
            assert sum(mine[field].values()) == mine["num_requests"]
            assert all(re.fullmatch(r"\d+", key) for key in mine[field])
        assert sum(mine["num_fail_per_sec"].values()) == mine["num_failures"]
    lines = ours.prefix.with_suffix(".json").read_text().splitlines()
    their_lines = locusts.prefix.with_suffix(".json").read_text().splitlines()
    assert lines[:4] == [*their_lines[:2], f'        "name": {json.dumps(ours.json[0]["name"])},', '        "method": "GET",']


@pytest.mark.parametrize("loop", ["io_uring", "epoll"])
def test_every_file_has_all_that_the_target_served(loop, lab):
    run = Run(lab, "katydid", lab.katydid, ".cpp", "--event-loop", loop, "-s", "2")
    served = run.target.completed
    total = run.by_name("stats")["Aggregated"]
    assert served > 100 and int(total[2]) == served
    assert int(run.tables["stats_history"][-1][17]) == served
    assert sum(each["num_requests"] for each in run.json) == served
    failed = run.target.counts()["failed"] + int(run.by_name("stats")["checked"][2])
    assert int(total[3]) == failed == sum(int(row[3]) for row in run.tables["failures"][1:])
    page = data_of(run.html)
    assert page["total"]["requests"] == served == sum(slot["requests"] for slot in page["slots"])
    assert sum(sum(slot["heat"][1::2]) for slot in page["slots"]) == served
    assert sum(slot["failures"] for slot in page["slots"]) == failed
    assert sum(int(row[0]) for row in run.tables["exceptions"][1:]) == sum(each["count"] for each in page["exceptions"]) > 0


def data_of(page):
    (text,) = re.findall(r'<script type="application/json" id="data">([^<]*)</script>', page.read_text())
    return json.loads(text)


def test_hostile_names_come_out_right(ours):
    names = [HOSTILE, "=1+1", "café \ufffd", "/delay/[ms]"]
    assert set(names) <= set(ours.by_name("stats"))
    assert set(names) <= {row[3] for row in ours.tables["stats_history"]}
    assert set(names) <= {each["name"] for each in ours.json}
    assert set(names) <= {each["name"] for each in data_of(ours.html)["entries"]}
    assert ours.html.read_text().count("<script") == 2
    assert "http://" not in re.sub(r'id="data">[^<]*', "", ours.html.read_text()).replace("http://www.w3.org/2000/svg", "")


def test_json_has_stdout_for_itself(lab):
    target = lab.target()
    command = [lab.katydid, "-f", lab.locustfile("load", ".cpp"), "--headless", "-t", "3s", "-H", target.url, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert sum(each["num_requests"] for each in json.loads(done.stdout)) == target.completed > 0
    assert done.stderr.count("Aggregated") >= 3, "tables are on stderr"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--csv", "/proc/none/run"], "argument --csv: can't write /proc/none/run_stats.csv: No such file or directory"),
        (["--html", "."], "argument --html: can't write .: Is a directory"),
        (["--json-file", "/proc/none"], "argument --json-file: can't write /proc/none.json: No such file or directory"),
        (["--csv-full-history"], "argument --csv-full-history: it needs --csv"),
    ],
)
def test_what_cant_be_written_ends_it_before_it_begins(options, text, lab):
    target = lab.target()
    command = [lab.katydid, "-f", lab.locustfile("load", ".cpp"), "--headless", "-t", "3s", "-H", target.url, *options]
    process = lab.run("katydid", command)
    assert process.wait(120) in (1, 2)
    assert text in process.output()
    assert target.completed == 0


def test_a_full_disk_costs_one_file(lab):
    folder = lab.folder / "katydid"
    folder.mkdir()
    (folder / "run_stats_history.csv").symlink_to("/dev/full")
    run = Run(lab, "katydid", lab.katydid, ".cpp")
    assert run.code == 1
    assert "argument --csv: can't write " in run.process.output() and "No space left on device" in run.process.output()
    assert run.process.output().count("No space left on device") == 1
    assert int(run.by_name("stats")["Aggregated"][2]) == data_of(run.html)["total"]["requests"] == run.target.completed


@pytest.mark.parametrize("rounding", [[], ["--locust-rounding"]])
def test_hdrhistogram_reads_its_log(rounding, lab):
    log = lab.folder / "run.hlog"
    run = Run(lab, "katydid", lab.katydid, ".cpp", "--hdr-log", log, *rounding)
    reader = HistogramLogReader(str(log), HdrHistogram(1, 86_400_000_000, 3))
    seconds = []
    while (histogram := reader.get_next_interval_histogram()) is not None:
        seconds.append(histogram)
    assert 4 <= len(seconds) <= 7
    assert sum(each.get_total_count() for each in seconds) == run.target.completed
    whole = HdrHistogram(1, 86_400_000_000, 3)
    for each in seconds:
        whole.add(each)
    keys = {}
    for entry in run.json:
        for key, count in entry["response_times"].items():
            keys[key] = keys.get(key, 0) + count
    for key, count in keys.items():
        assert whole.get_count_at_value(round(float(key) * 1000)) == count, key
    for column, percent in (("50%", 50), ("99%", 99), ("100%", 100)):
        shown = float(run.by_name("stats")["Aggregated"][run.tables["stats"][0].index(column)])
        assert whole.get_value_at_percentile(percent) / 1000 == pytest.approx(shown, rel=0.05, abs=0.02)
    starts = [each.get_start_time_stamp() for each in seconds]
    assert starts == sorted(starts) and starts[-1] - starts[0] > 2900


def test_names_have_lines_with_tags(lab):
    log = lab.folder / "run.hlog"
    run = Run(lab, "katydid", lab.katydid, ".cpp", "--hdr-log", log, "--hdr-log-names", seconds=9)
    reader = HistogramLogReader(str(log), HdrHistogram(1, 86_400_000_000, 3))
    counts = {}
    while (histogram := reader.get_next_interval_histogram()) is not None:
        tag = histogram.get_tag()
        name = tag and urllib.parse.unquote(tag)
        counts[name] = counts.get(name, 0) + histogram.get_total_count()
    assert counts.pop(None) == run.target.completed
    assert counts == {f"{each['method']} {each['name']}": each["num_requests"] for each in run.json}
    done = subprocess.run([lab.katydid, "compare", log, log, "--json"], capture_output=True, check=True)
    told = json.loads(done.stdout)
    assert told["verdict"] == "same"
    assert {each["name"] for each in told["entries"]} == {None, *counts}
    assert told["before"][0]["requests"] == run.target.completed


def test_conditions_and_warnings_are_on_the_page(lab):
    run = Run(lab, "katydid", lab.katydid, ".cpp", "--fail-if", "fails > 0", "--fail-if", "p99(/hello) > 60s", "--reset-stats")
    page = data_of(run.html)
    assert [each["failed"] for each in page["verdicts"]] == [True, False]
    assert re.fullmatch(r"p99\(/hello\) > 60s: it is [\d.]+ ms", page["verdicts"][1]["text"])
    assert any("--reset-stats" in each["text"] for each in page["warnings"])


def test_a_worker_says_that_the_master_reports(lab):
    process = lab.run("katydid", [lab.katydid, "-f", lab.locustfile("load", ".cpp"), "--csv", "run", "--master-port", 1])
    process.wait_for_output("--csv has no effect on a worker: give it to 'locust --master'")
    process.kill()
    assert not (lab.folder / "run_stats.csv").exists()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_in_a_browser(scheme, page, lab):
    """Pictures of it are left in build/web-ui."""
    run = Run(lab, "katydid", lab.katydid, ".cpp", "--fail-if", "fail_ratio > 1%", seconds=8)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append("a name ran as a script"), dialog.dismiss()))
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None)
    page.emulate_media(color_scheme=scheme)
    pictures = ROOT / "build" / "web-ui"
    pictures.mkdir(parents=True, exist_ok=True)
    for width in (400, 900, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(run.html.as_uri())
        page.wait_for_selector("#charts canvas")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=pictures / f"report-{scheme}-{width}.png", full_page=True)
    assert not wrong
    names = page.locator("#requests tbody td.name")
    assert HOSTILE.replace("\r", "") in [text.replace("\r", "") for text in names.all_text_contents()]
    page.get_by_role("button", name="Name", exact=True).first.click()
    assert names.all_text_contents() == sorted(names.all_text_contents())
    assert str(run.target.completed) == page.locator("#tiles b").first.text_content().replace(",", "")
    page.locator("#charts .plot").first.hover(position={"x": 600, "y": 100})
    assert page.locator("#charts .tip").first.is_visible()
