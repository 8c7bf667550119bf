"""What a user asks of whoever runs it (running.py)."""

from __future__ import annotations

from typing import Any, Protocol
from weakref import WeakSet

from . import _native
from .client import HttpClient
from .tasks import TaskOwner
from .websocket import WebSocket


class Life(Protocol):
    """The life of one user, as the user sees it."""

    host: str | None
    statistics: _native.Statistics | _native.PoolUser | _native.CorrectedUser
    start_time: float
    """By time.perf_counter()."""
    stop_requested: bool
    """It ends after its current task."""
    websockets: WeakSet[WebSocket]
    """Those that it has opened, which are left at its end."""

    calls: WeakSet[Any]
    """Those of gRPC, of which none outlives its user."""

    def make_client(self, base_url: str, **settings: Any) -> HttpClient:
        """It is the user's: what it has sent is waited for when the user stops."""

    def fleet_users(self) -> int:
        """How many users of its class there are on all workers, as far as it is known."""

    def count(
        self, method: str, name: str, response_time: float | None, response_length: int = 0, error: str | None = None
    ) -> None:
        """A request that none of its clients has sent; tells who listens to `request`. Times are milliseconds."""

    async def wait(self, owner: TaskOwner) -> None:
        """Between two tasks of `owner`; raises StopUser when the user is to stop."""

    def report_opened(self) -> None:
        """A user that is stopped is waited for until each report is closed."""

    def report_closed(self) -> None: ...
