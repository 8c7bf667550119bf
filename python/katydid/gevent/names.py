"""Classes in the place of Locust's are called as Locust's in errors, which are rows of the page of exceptions.

That is `__name__` alone: pickle finds a class by its `__qualname__`.
"""

from __future__ import annotations

from . import composing, cookies, entries, http_response
from .fast import agent, response


def take_over_names() -> None:
    """Each from the class that it stands for, which it is derived from."""
    for own, name in (
        (http_response.NativeResponse, "ResponseContextManager"),
        (http_response.CaughtResponse, "ResponseContextManager"),
        (http_response.StreamedRaw, "HTTPResponse"),
        (response.NativeFastResponse, "FastResponse"),
        (response.DecodedResponse, "FastResponse"),
        (response.NativeCaught, "ResponseContextManager"),
        (response.CaughtFastResponse, "ResponseContextManager"),
        (agent.UserAgent, "LocustUserAgent"),
        (composing.SessionHeaders, "CaseInsensitiveDict"),
        (cookies.SessionCookies, "RequestsCookieJar"),
        (cookies.AgentCookies, "CookieJar"),
        (entries.Entry, "StatsEntry"),
        (entries.Entries, "EntriesDict"),
    ):
        assert name in {base.__name__ for base in own.__mro__}
        own.__name__ = name
