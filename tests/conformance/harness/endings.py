"""The ways in which a test that runs comes to its end, and what the master knows when it has."""
import signal
import time

from .wait import eventually


def ramp_down(master, *steps):
    """Users come and go, as the web interface is told."""
    for users in steps:
        master.swarm(users, rate=100)
        master.wait_for_users(users)


def end_of_users(lab, ending, locustfile, user, url, users=30, event_loop="auto"):
    """(what the master has counted in all, the worker) after some seconds of users that can finish."""
    options = ["--stop-timeout", "10"] if ending == "stop timeout" else []
    master = lab.master(locustfile, users=[user], options=options)
    worker = lab.worker(locustfile, master.port, options=["--event-loop", event_loop])
    master.wait_for_workers(1)
    master.swarm(users, rate=100, host=url)
    master.wait_for_users(users)
    time.sleep(2)
    if ending == "ramp down":
        ramp_down(master, users * 2 // 3, users // 3, users * 5 // 6, users // 10)
    return end(ending, master, worker)["total"], worker


def end(ending, master, worker):
    """By "quit" of the master, "sigterm" to the worker, or else the master's stop; now() after the last report."""
    if ending == "quit":
        master.signal(signal.SIGTERM)
        final = master.final()
        assert worker.wait() == 0
        return final
    if ending == "sigterm":
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0
        eventually(lambda: "quit." in master.output(), "the master hears that the worker quits")
        master.wait_for_state("stopped")
        return master.now()
    master.stop()
    master.wait_for_workers(1)
    time.sleep(3.5)  # any report that is still to come
    return master.now()
