"""Not one request is lost or invented: the comparison that the tests of all workers make at the end of a run."""
from cut_off import cut_off

from .wait import settled


def check(requests, target, worker):
    """`requests` is the master's count after the worker's last report."""
    served = settled(lambda: target.completed, "the target's count", quiet=1)
    cut = cut_off(worker.output())
    print(f"master {requests}, target {served}, cut off {cut}")
    assert requests <= served, "the master counts requests that the target never completed"
    assert served <= requests + cut, f"{served - requests - cut} requests are lost"
