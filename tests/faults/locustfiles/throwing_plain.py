"""A listener that throws with each request, of Locust's users."""

import os
import sys

from locust import events

sys.path.insert(0, os.path.dirname(__file__))
from plain import PlainFastUser as PlainFastUser
from plain import PlainUser as PlainUser


@events.request.add_listener
def throw(**_):
    raise RuntimeError("this listener is broken")
