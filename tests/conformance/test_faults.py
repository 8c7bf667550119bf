"""Failures, exceptions and nonsense, and what the master's pages show of them."""
import pytest

from harness.wait import eventually


def errors_of(master):
    return {(e["method"], e["name"]): e for e in master.report()["errors"]}


@pytest.mark.core
def test_failures_are_counted_with_their_error(running):
    master, target, worker = running(["StatusUser", "RefusedUser", "TimeoutUser", "CheckedUser"], locustfile="faults")
    master.swarm(4, rate=50, host=target.url)
    wanted = {("GET", "/status/500"), ("GET", "refused"), ("GET", "/delay/5000"), ("GET", "wrong")}
    errors = eventually(lambda: (e := errors_of(master)).keys() >= wanted and e, "each kind of failure is reported")
    assert errors.keys() == wanted
    assert "500 Server Error" in errors["GET", "/status/500"]["error"]
    assert "refused" in errors["GET", "refused"]["error"].lower()
    assert "time" in errors["GET", "/delay/5000"]["error"].lower()
    assert "not what was asked for" in errors["GET", "wrong"]["error"]

    master.stop()
    report = master.report()
    for entry in report["stats"][:-1]:
        key = entry["method"], entry["name"]
        if key in wanted:
            assert entry["num_failures"] == entry["num_requests"] > 0, "a failure is a request too"
            assert errors_of(master)[key]["occurrences"] == entry["num_failures"]
        else:
            assert key == ("GET", "fine") and entry["num_failures"] == 0, "the task said that a 404 is fine"
    assert 0 < report["fail_ratio"] < 1
    assert worker.alive


@pytest.mark.core
@pytest.mark.katydid
def test_the_same_failure_on_a_python_worker_is_the_same_line(lab):
    target = lab.target()
    master = lab.master("faults", users=["StatusUser"])
    lab.worker("faults", master.port)
    lab.worker("faults", master.port, kind="python", name="python")
    master.wait_for_workers(2)
    master.swarm(2, rate=50, host=target.url)
    eventually(lambda: [w["user_count"] for w in master.now()["workers"]] == [1, 1], "one user each")
    before = target.completed
    eventually(lambda: target.completed > before + 40, "both have failed")
    master.stop()
    (error,) = master.report()["errors"]
    assert error["occurrences"] == master.report()["stats"][-1]["num_failures"] > 40


@pytest.mark.core
def test_response_times_are_sane(running):
    master, target, _ = running(["DelayUser"])
    master.swarm(3, rate=50, host=target.url)
    master.wait_for_requests(60)
    (entry, total) = master.report()["stats"]
    assert (entry["method"], entry["name"]) == ("GET", "/delay/100")
    for row in entry, total:  # the page rounds the least and the most to milliseconds, and not what lies between
        assert 99 <= row["min_response_time"] <= row["avg_response_time"] + 0.5
        assert row["avg_response_time"] - 0.5 <= row["max_response_time"] < 2000
        assert 100 <= row["median_response_time"] <= 300
        assert row["avg_content_length"] > 0
    # Three users, ten requests a second each at most.
    eventually(lambda: 2 < master.report()["stats"][-1]["current_rps"] <= 33, "the requests per second are shown")


@pytest.mark.core
def test_an_exception_in_a_task_reaches_the_exceptions_page(running):
    master, target, worker = running(["ThrowingUser"], locustfile="faults")
    master.swarm(2, rate=50, host=target.url)
    rows = eventually(lambda: (r := master.exceptions()) and r[0]["count"] > 3 and r, "the exceptions page")
    assert len(rows) == 1, "the same exception is one row"
    assert "this task is broken" in rows[0]["msg"]
    assert "breaks" in rows[0]["traceback"], "the traceback names the task"
    assert rows[0]["nodes"] == master.now()["workers"][0]["id"]
    assert worker.alive and master.users == 2, "the users go on"


@pytest.mark.core
def test_log_lines_reach_the_logs_page(running):
    master, target, worker = running(["ThrowingUser"], locustfile="faults")
    if master.version < (2, 32):
        pytest.skip("this release's page has no lines of workers")
    (ready,) = master.wait_for_workers(1)
    master.swarm(1, rate=1, host=target.url)
    lines = eventually(
        lambda: (found := master.worker_logs().get(ready["id"], [])) and any("broken" in line for line in found) and found,
        "the worker's lines are on the logs page",
        timeout=40,
    )
    for line in lines:
        assert line in worker.output() or "Traceback" in line


@pytest.mark.core
@pytest.mark.katydid
def test_a_class_that_the_worker_does_not_have(lab):
    target = lab.target()
    master = lab.master("ghost")
    worker = lab.worker("load", master.port)
    master.wait_for_workers(1)
    master.swarm(4, rate=50, host=target.url)
    message = worker.wait_for_output(r".*GhostUser.*").group()
    assert "/ERROR/" in message or "/WARNING/" in message
    assert "HelloUser" in message, "it says which classes there are"
    eventually(lambda: target.completed > 20, "the class that it has runs")
    assert worker.output().count("GhostUser") < 10, "it is not said again and again"
    master.stop()
    master.wait_for_workers(1)
    assert worker.alive
