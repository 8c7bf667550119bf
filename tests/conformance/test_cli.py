"""The command line without a master: messages, the compiler, local runs."""
import os
import pathlib
import re
import shutil
import signal
import time

import pytest

from harness.table import last_table
from harness.wait import eventually, settled
from ports import free_port

pytestmark = pytest.mark.katydid


@pytest.fixture
def katydid(lab):
    """Starts the program with these arguments; a .cpp name is looked up in locustfiles/."""

    def start(*arguments, **how):
        parts = [lab.locustfile(a[:-4], ".cpp") if str(a).endswith(".cpp") and "/" not in str(a) else a for a in arguments]
        return lab.run("katydid", [lab.katydid, *parts], **how)

    return start


@pytest.fixture
def run(katydid):
    """(exit code, output) of a call that is expected to end by itself."""

    def to_the_end(*arguments, timeout=120, **how):
        process = katydid(*arguments, **how)
        return process.wait(timeout), process.output()

    return to_the_end


def test_version(run):
    code, output = run("--version")
    assert code == 0
    assert re.fullmatch(r"katydid \d+\.\d+\.\d+.*", output.strip())


def test_help_names_what_locust_users_look_for(run):
    code, output = run("--help")
    assert code == 0
    for option in (
        "--locustfile", "--master-host", "--master-port", "--host", "--users", "--spawn-rate", "--run-time", "--headless",
        "--tags", "--exclude-tags", "--loglevel", "--logfile", "--stop-timeout", "--reset-stats", "--run-single-user",
        "--master-locustfile", "--version",
    ):  # fmt: skip
        assert option in output, option


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], ["locustfile.cpp", "--help"]),
        (["-f", "/nowhere/missing.cpp", "--worker"], ["missing.cpp"]),
        (["-f", "load.py", "--worker"], ["load.py"]),
        (["-f", "load.cpp", "--wroker"], ["--wroker"]),
        (["-f", "load.cpp", "--worker", "--master-port", "nineteen"], ["port", "nineteen"]),
        (["-f", "load.cpp", "--worker", "--master-port", "70000"], ["port", "70000"]),
        (["-f", "load.cpp", "--worker", "--loglevel", "LOUD"], ["LOUD", "INFO"]),
        (["-f", "load.cpp", "--headless", "-u", "few"], ["few"]),
        (["-f", "load.cpp", "--headless", "-u", "2", "-t", "soon"], ["soon"]),
        (["-f", "load.cpp", "--headless", "-u", "2", "-r", "-1"], ["-1"]),
        (["-f", "load.cpp", "--master"], ["--master", "locust"]),
        (["-f", "load.cpp", "--worker", "--web-port", "8089"], ["--web-port"]),
        (["-f", "load.cpp", "--run-single-user", "NobodyUser"], ["NobodyUser"]),
        (["-f", "empty.cpp", "--worker"], ["No User class found", "KATYDID_USER"]),
        (["-f", "load.cpp", "-f", "load.cpp", "--headless", "-t", "1s", "-H", "ftp://x"], ["ftp"]),
    ],
)
def test_what_is_wrong_is_said(run, lab, arguments, words):
    if "load.py" in arguments:
        arguments = [str(lab.locustfile("load", ".py")) if a == "load.py" else a for a in arguments]
    code, output = run(*arguments)
    assert code not in (0, None)
    assert code > 0, "no crash"
    for word in words:
        assert word in output
    assert "terminate called" not in output and len(output) < 4000


def test_two_classes_of_one_name(run, tmp_path, lab):
    copy = tmp_path / "copy.cpp"
    shutil.copy(lab.locustfile("extra", ".cpp"), copy)
    code, output = run("-f", "extra.cpp", "-f", copy, "--worker")
    assert code == 1
    assert "ExtraUser" in output and "copy.cpp" in output


def test_a_master_host_that_does_not_exist(katydid):
    worker = katydid("-f", "load.cpp", "--worker", "--master-host", "no-such-host.invalid")
    message = worker.wait_for_output(r".*no-such-host\.invalid.*", timeout=60).group()
    assert "/ERROR/" in message or "/WARNING/" in message or not worker.alive


def test_a_master_that_does_not_answer_is_named(katydid):
    port = free_port()
    worker = katydid("-f", "load.cpp", "--worker", "--master-host", "127.0.0.1", "--master-port", port, "-L", "DEBUG")
    worker.wait_for_output(rf"127\.0\.0\.1:{port}", timeout=40)
    assert worker.alive, "it goes on trying, as the master may come later"
    assert worker.terminate(15) in (0, 1)


def test_a_compile_error_shows_the_compilers_words(run):
    code, output = run("-f", "broken.cpp", "--worker")
    assert code == 1
    assert re.search(r"broken\.cpp:7:\d+: error: .*clientt", output)
    assert len(output.splitlines()) < 40, "and not a novel"


def test_the_second_start_does_not_compile(lab, tmp_path):
    copy = tmp_path / "own.cpp"
    text = lab.locustfile("extra", ".cpp").read_text()
    copy.write_text(text)
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    def start():
        began = time.monotonic()
        printed = lab.printed_locustfile(copy, cache).read_text()
        return time.monotonic() - began, printed

    first, output = start()
    second, again = start()
    assert output == again and "ExtraUser" in output
    assert second < 1 < 30 and second < first / 2
    copy.write_text(text.replace("ExtraUser", "ChangedUser"))
    assert "ChangedUser" in start()[1], "a change is seen"


@pytest.mark.parametrize("files", [["-f", "load.cpp", "-f", "extra.cpp"], ["-f", "{load},{extra}"]], ids=["twice", "comma"])
def test_several_locustfiles(run, lab, files):
    files = [f.format(load=lab.locustfile("load", ".cpp"), extra=lab.locustfile("extra", ".cpp")) for f in files]
    code, output = run(*files, "--master-locustfile")
    assert code == 0
    assert "ExtraUser" in output and "HelloUser" in output


@pytest.mark.core
def test_the_locustfile_for_the_master_runs_in_a_real_master(lab):
    printed = lab.printed_locustfile("load")
    target = lab.target()
    master = lab.master(printed, users=["HelloUser", "HeavyUser", "FixedUser"])
    worker = lab.worker("load", master.port)
    master.wait_for_workers(1)
    master.swarm(10, rate=50, host=target.url)
    master.wait_for_users(10)
    assert master.now()["classes"] == {"FixedUser": 2, "HelloUser": 2, "HeavyUser": 6}, "weights and fixed_count arrive"
    master.wait_for_requests(20)
    assert worker.alive


def test_headless_run_prints_the_table(run, lab):
    target = lab.target()
    code, output = run("-f", "extra.cpp", "--headless", "-u", "6", "-r", "3", "-t", "4s", "-H", target.url)
    assert code == 0, output
    table, served = last_table(output), target.completed
    assert table.keys() == {"extra", "Aggregated"}
    requests, failures = table["Aggregated"]
    assert failures == 0
    assert served - 6 <= requests <= served and served > 30, "six requests at most were cut off"
    percentiles = output[output.rindex("Response time percentiles") :]
    assert all(word in percentiles for word in ("50%", "95%", "99%", "extra", "Aggregated"))


def test_headless_run_exits_1_on_failures(run, lab):
    target = lab.target()
    code, output = run("-f", "faults.cpp", "--headless", "-u", "4", "-r", "10", "-t", "3s", "-H", target.url, "StatusUser")
    assert code == 1
    assert last_table(output)["/status/500"][1] > 3
    assert "500 Server Error" in output and "Error report" in output


BLOCKING = """#include <katydid/katydid.hpp>
#include <thread>
using namespace katydid;
KATYDID_ON_TEST_STOPPING([](Environment&) {});  // on a loop that may be the blocked one
struct Stuck : FastHttpUser {
  task<> ask() {
    co_await client.get("/hello?stuck");
    std::this_thread::sleep_for(std::chrono::hours(1));
  }
};
KATYDID_USER(Stuck).fixed_count(1).task<&Stuck::ask>();
struct Fine : FastHttpUser {
  task<> ask() { co_await client.get("/hello"); }
};
KATYDID_USER(Fine).wait_time(constant(std::chrono::milliseconds(50))).task<&Fine::ask>();
"""


def test_headless_run_ends_where_a_task_blocks_its_thread(run, lab):
    """With the figures of the others."""
    target = lab.target()
    file = lab.folder / "blocking.cpp"
    file.write_text(BLOCKING)
    code, output = run("-f", file, "--headless", "-u", 4, "-r", 4, "-t", "3s", "--processes", 2, "-H", target.url, timeout=60)
    assert code == 1
    assert "a task blocks its thread" in output
    assert last_table(output)["/hello"][0] > 10


def test_headless_run_with_tags_and_classes(run, lab):
    target = lab.target()
    options = ["--tags", "read", "--headless", "-u", "2", "-r", "10", "-t", "2s", "-H", target.url]
    code, output = run("-f", "load.cpp", *options, "TaggedUser")
    assert code == 0, output
    assert " read " in output and " write " not in output and " plain " not in output and "/hello" not in output


def test_headless_run_ends_on_ctrl_c(katydid, lab):
    target = lab.target()
    process = katydid("-f", "extra.cpp", "--headless", "-u", "3", "-r", "10", "-H", target.url)
    eventually(lambda: target.completed > 10, "requests")
    process.signal(signal.SIGINT)
    assert process.wait(15) == 0
    assert "Aggregated" in process.output()


def test_run_single_user_shows_each_request(katydid, lab):
    target = lab.target()
    process = katydid("-f", "load.cpp", "--run-single-user", "HelloUser", "-H", target.url)
    process.wait_for_output(r"GET .*/hello")
    process.wait_for_output(r"200")
    process.signal(signal.SIGINT)
    assert process.wait(15) in (0, 130, -signal.SIGINT)
    assert target.completed_of("/status/201") == 1, "it is one user"


def test_environment_variables(katydid, lab, running):
    target = lab.target()
    master = lab.master("load", users=["HelloUser"])
    worker = katydid(
        environment={
            "LOCUST_LOCUSTFILE": str(lab.locustfile("load", ".cpp")),
            "LOCUST_MODE_WORKER": "1",
            "LOCUST_MASTER_NODE_HOST": "127.0.0.1",
            "LOCUST_MASTER_NODE_PORT": str(master.port),
            "LOCUST_LOGLEVEL": "DEBUG",
        }
    )
    master.wait_for_workers(1)
    assert "/DEBUG/" in worker.output()
    master.swarm(1, rate=1, host=target.url)
    master.wait_for_requests(5)


def test_logfile_takes_the_lines(katydid, lab, tmp_path):
    log = tmp_path / "worker.log"
    worker = katydid("-f", "load.cpp", "--worker", "--master-port", free_port(), "--logfile", log)
    eventually(lambda: log.exists() and "/INFO/katydid" in log.read_text(), "the log file has lines")
    assert "/INFO/" not in worker.output()


def test_loglevel(katydid, lab):
    master = lab.master("load", users=["HelloUser"])
    quiet = katydid("-f", "load.cpp", "--worker", "--master-port", master.port, "-L", "ERROR")
    master.wait_for_workers(1)
    quiet.terminate()
    assert quiet.output() == ""


def test_several_shards_are_one_worker(katydid, lab):
    target = lab.target()
    master = lab.master("load", users=["BusyUser"])
    worker = katydid("-f", "load.cpp", "--worker", "--master-port", master.port, "--processes", "2")
    master.wait_for_workers(1)
    master.swarm(11, rate=50, host=target.url)
    master.wait_for_users(11)
    master.wait_for_requests(100)
    master.swarm(4, rate=50)
    master.wait_for_users(4)
    assert worker.terminate() == 0


def test_workers_are_processes_that_the_master_tells_apart(katydid, lab):
    """They start, stop and end as one program, and nothing that they sent is lost."""
    target = lab.target()
    master = lab.master("load", users=["BusyUser"])
    program = katydid("-f", "load.cpp", "--worker", "--master-port", master.port, "--processes", "2", "--workers", "3")
    workers = master.wait_for_workers(3)
    assert len({each["id"] for each in workers}) == 3
    master.swarm(9, rate=50, host=target.url)
    master.wait_for_users(9)
    assert [each["user_count"] for each in master.wait_for_workers(3, state="running")] == [3, 3, 3]
    master.wait_for_requests(300)
    assert program.terminate() == 0
    # The first to quit has the master spread its users over the others, and hear nobody for a second.
    master.wait_for_state("stopped")
    assert settled(lambda: master.requests, "the master's count", quiet=1) == target.completed


def test_a_worker_process_that_dies_is_reported_and_the_others_go_on(katydid, lab):
    master = lab.master("load", users=["BusyUser"])
    program = katydid("-f", "load.cpp", "--worker", "--master-port", master.port, "--workers", "2", "--processes", "2")
    master.wait_for_workers(2)
    victim = children(program.pid)[0]
    os.kill(victim, signal.SIGKILL)
    program.wait_for_output(rf"worker \d \(process {victim}\) was ended by signal 9")
    assert len(children(program.pid)) == 1
    assert program.terminate() == 128 + 9


def test_worker_processes_end_when_their_parent_is_killed(katydid, lab):
    master = lab.master("load", users=["BusyUser"])
    program = katydid("-f", "load.cpp", "--worker", "--master-port", master.port, "--workers", "2", "--processes", "2")
    master.wait_for_workers(2)
    orphans = children(program.pid)
    os.kill(program.pid, signal.SIGKILL)
    eventually(lambda: not master.now()["workers"], "the workers have said quit")
    eventually(lambda: not any(pathlib.Path(f"/proc/{each}").exists() for each in orphans), "the orphans have gone")


def children(pid):
    return [int(each) for each in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
