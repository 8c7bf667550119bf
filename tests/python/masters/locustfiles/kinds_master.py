"""For a master whose worker has one of the kinds' classes."""

import os

from locust import User

Kinds = type(os.environ["KINDS_CLASS"], (User,), {"tasks": [print]})
