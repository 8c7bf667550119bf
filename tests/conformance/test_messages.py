"""What locustfiles of the master and of the worker say to each other."""
import pytest

from harness.wait import eventually


@pytest.mark.core
def test_custom_messages_both_ways(running):
    master, target, worker = running(["TalkingUser"], locustfile="talk")
    master.swarm(1, rate=1, host=target.url)
    heard = master.wait_for_output(r"master heard: (.*)").group(1)
    assert heard == str(
        {"question": {"text": "how are you?", "numbers": [1, 2.5, None, True]}, "says": "fine, thank you"}
    )
    worker.wait_for_output("nobody-listens-for-this")
    assert worker.alive


@pytest.mark.core
def test_custom_arguments_and_the_masters_host(running):
    """The arguments are the master's: the worker was started without them."""
    master, target, _ = running(["TalkingUser"], locustfile="talk", options=["--basket-size", "7"])
    master.swarm(2, rate=10, host=target.url)
    master.wait_for_requests(10)
    assert set(master.entries()) == {"spring 7"}
    assert not master.now()["errors"], "the master's host is used, not the class's"

    master.stop()
    master.wait_for_workers(1)
    master.swarm(2, rate=10, host=target.url, basket_size=9, season="winter")
    eventually(lambda: "winter 9" in master.entries(), "the web interface's values arrive with the next test")
