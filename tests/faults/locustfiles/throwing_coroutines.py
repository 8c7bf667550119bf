"""A listener that throws with each request, of users that are coroutines."""

import os
import sys

from katydid import events

sys.path.insert(0, os.path.dirname(__file__))
from coroutines import CoroutineUser as CoroutineUser


@events.request.add_listener
def throw(**_):
    raise RuntimeError("this listener is broken")
