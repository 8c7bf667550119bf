"""A listener that throws with each request."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
if os.environ.get("LAB_LOOP"):
    from coroutines import CoroutineUser as CoroutineUser
    from katydid import events
else:
    from locust import events
    from plain import PlainFastUser as PlainFastUser
    from plain import PlainUser as PlainUser


@events.request.add_listener
def throw(**_):
    raise RuntimeError("this listener is broken")
