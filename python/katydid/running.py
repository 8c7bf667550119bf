"""The life of one user: on_start, then tasks and waits, then on_stop."""

from __future__ import annotations

import logging
import time
import traceback
import weakref
from contextlib import suppress
from typing import Any, Protocol

from . import _native, chance
from .backend import Backend
from .client import HttpClient
from .environment import Environment
from .events import events
from .exceptions import (
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    ResponseError,
    StopTest,
    StopUser,
)
from .leaving import Leaving
from .tasks import Plan, Task, TaskOwner, TaskSet, name_of
from .texts import holds, is_cancellation, message_of, shown, trace_of
from .user import User
from .websocket import WebSocket

logger = logging.getLogger("katydid.user")
_own_files = (__file__,)
_most_bytes = 2**50  # the engine's own limit
_longest_wait = 1e7  # seconds; loops differ in what they do with more


class UserHost(Protocol):
    """What running users need of the one that starts and stops them (host.py)."""

    backend: Backend
    environment: Environment
    statistics: _native.Statistics
    report_service_time: bool
    latency_correction: bool
    trace: bool
    ended: bool
    """The run is over: what is raised now belongs to the loop, which ends what is left."""

    def user_is_ending(self, user: RunningUser) -> None:
        """It has come to its on_stop."""

    def user_is_gone(self, user: RunningUser) -> None:
        """There is nothing left of it to wait for."""

    def fleet_users(self, cls: type[User]) -> int:
        """Of that class, on all workers."""

    def user_error(self, user: User, error: BaseException) -> None:
        """For listeners of `user_error`."""

    def report_exception(self, message: str, trace: str) -> None: ...

    def stop_test(self, cls: type[User], error: BaseException) -> None:
        """A user of that class has raised StopTest."""


class RunningUser:
    """A user and where it is in its life. All happens on the loop's thread."""

    def __init__(
        self,
        host: UserHost,
        cls: type[User],
        base_url: str | None,
        plan: Plan,
        arrivals: _native.Arrivals | None = None,
    ) -> None:
        self._host = host
        self._backend: Backend = host.backend
        self._plan = plan
        self._clients: list[_native.Client] = []
        self._waiting = False
        self._reports = 0
        self._draining = False
        self._entered: list[TaskSet] = []
        """Those that it is in, whose on_stop is due."""
        self._scope = host.backend.scope()
        self.cls = cls
        self.host = base_url
        self._pool_user = None if arrivals is None else _native.PoolUser(arrivals, host.report_service_time)
        """Where its tasks begin when they are due."""
        self._corrected = _native.CorrectedUser(host.statistics) if host.latency_correction and not arrivals else None
        self.statistics = self._pool_user or self._corrected or host.statistics
        self.start_time = time.perf_counter()
        self.stop_requested = False
        self.at_work = True
        """It has not come to its on_stop yet."""
        self.leaving: Leaving[RunningUser] | None = None
        """Set when it was told to stop."""
        self.on_stop_limit = 5.0
        self.websockets: weakref.WeakSet[WebSocket] = weakref.WeakSet()
        """Those that it has opened, and perhaps holds still."""
        self.calls: weakref.WeakSet[Any] = weakref.WeakSet()
        """Those of gRPC that may be under way."""
        self.user: User = host.environment.make(cls, self)

    def make_client(self, base_url: str, **settings: Any) -> HttpClient:
        """It is the user's: what it has sent is waited for when the user stops."""
        if events.request:
            this = weakref.ref(self)  # the client would keep the user that keeps the client

            def tell(*request: Any) -> BaseException | None:
                return None if (user := this()) is None else user._tell_request(*request)

            settings["on_request"] = tell
        client: Any = self._backend.client(self.statistics, base_url, trace=self._host.trace, **settings)
        client.user_class = self.cls.__name__
        self._clients.append(client)
        return client  # type: ignore[no-any-return]

    def fleet_users(self) -> int:
        return self._host.fleet_users(self.cls)

    def count(
        self, method: str, name: str, response_time: float | None, response_length: int = 0, error: str | None = None
    ) -> None:
        """A request that none of its clients has sent."""
        if not 0 <= response_length <= _most_bytes:
            raise ValueError(f"a response length is from 0 to 2**50 bytes, not {response_length}")
        self.statistics.record(method, name, response_time, response_length, error)
        if events.request:
            start = time.time() - (response_time or 0) / 1000
            raised = self._tell_request(method, name, response_time, response_length, None, {}, error or "", "", start)
            if raised is not None:
                raise raised

    def _tell_request(
        self,
        request_type: str,
        name: str,
        response_time: float | None,
        response_length: int,
        response: Any,
        context: dict[str, Any],
        failure: str,
        url: str,
        start_time: float,
    ) -> BaseException | None:
        """What a listener has raised to steer the task, which is to get it; the listeners behind it aren't called."""
        try:
            whole_context = self.user.context() | context
        except BaseException as error:
            self._report(error, "context()")
            whole_context = context
        for listener in events.request:
            try:
                listener(
                    request_type=request_type,
                    name=name,
                    response_time=response_time,
                    response_length=response_length,
                    response=response,
                    context=whole_context,
                    exception=ResponseError(failure) if failure else None,
                    url=url or None,
                    start_time=start_time,
                )
            except StopUser as error:
                self.stop_requested = True
                return error
            except StopTest as error:
                self.stop_requested = True
                self._host.stop_test(self.cls, error)
                return StopUser()
            except (RescheduleTask, RescheduleTaskImmediately, InterruptTaskSet) as error:
                return error
            except BaseException as error:
                logger.error("Uncaught exception in the listener %s\n%s", shown(listener), trace_of(error))
        return None

    async def live(self) -> None:
        try:
            async with self._scope:  # not in functions of their own: what a task awaits passes all coroutines above it
                started = await self._start()
                if self._pool_user is not None:
                    self._pool_user.is_ready()  # or missing in the pool: the rate stays as it is
                if started:
                    if self._pool_user is not None:
                        await self._next_arrival(self._pool_user)
                    with suppress(StopUser):
                        await self._run_tasks(self.user, self._plan.tasks_of(self.cls), None)
        except BaseException as error:  # beside a cancellation, in a group with it
            self._take(error, "a task")
        self.at_work = False
        self._host.user_is_ending(self)
        self._draining = False
        for call in list(self.calls):
            call.leave()
        for client in self._clients:
            client.resume()
        try:
            if not await self._backend.within(self.on_stop_limit, self._stop):
                logger.warning("on_stop of a %s took too long, so the user was ended without it", self.cls.__name__)
        except BaseException as error:
            self._take(error, "on_stop")
        for socket in list(self.websockets):
            socket.leave()
        for client in self._clients:  # the user is in cycles of references, and may wait long to be collected
            client.close_idle()
        self._host.user_is_gone(self)

    def leave_with(self, leaving: Leaving[RunningUser], on_stop_limit: float) -> None:
        """It is told to stop, perhaps not for the first time: the last word counts."""
        if self.leaving is not None:
            self.leaving.drop(self)
        self.leaving = leaving
        self.on_stop_limit = on_stop_limit

    def finish_task(self) -> None:
        """It ends after its current task; at once when it waits."""
        self.stop_requested = True
        if self._waiting:
            self._scope.cancel()

    def cancel(self) -> None:
        """It begins nothing new. What it has sent is received and counted, then it ends."""
        self.stop_requested = True
        self._draining = True
        if self._reports == 0:
            self._drain()

    def kill(self) -> None:
        self.stop_requested = True
        self._scope.cancel()

    def report_opened(self) -> None:
        self._reports += 1

    def report_closed(self) -> None:
        self._reports -= 1
        if self._draining and self._reports == 0:
            self._drain()

    def _drain(self) -> None:
        busy = len(self._clients)

        def drained() -> None:
            nonlocal busy
            busy -= 1
            if busy <= 0:
                self._scope.cancel()

        for client in self._clients:
            client.drain(drained)
        if not self._clients:
            self._scope.cancel()

    async def _stop(self) -> None:
        while self._entered:
            task_set = self._entered.pop()
            await self._call_on_stop(task_set, f"on_stop of {type(task_set).__name__}")
        await self._call_on_stop(self.user, "on_stop")

    async def _call_on_stop(self, owner: TaskOwner, where: str) -> None:
        try:
            await owner.on_stop()
        except (StopUser, InterruptTaskSet):
            pass
        except Exception as error:
            self._report(error, where)
        except BaseException as error:
            if is_cancellation(error):
                raise
            self._take(error, where)

    async def _start(self) -> bool:
        """Whether there is to be more of this user."""
        try:
            await self.user.on_start()
            return True
        except StopUser:
            return False
        except BaseException as error:
            self._take(error, "on_start")
            return False

    async def _run_tasks(self, owner: Any, tasks: list[Task], task_set: TaskSet | None) -> None:
        """Until the user is to stop; raises InterruptTaskSet, StopUser and StopTest."""
        engine, user, only = self._backend.engine, self.user, tasks[0] if len(tasks) == 1 else None
        wait_time = owner.wait_time if task_set is None or task_set.wait_time is not None else user.wait_time
        pool_user = self._pool_user if task_set is None or task_set.wait_time is None else None
        turn, random = engine.turn, chance.random
        while not self.stop_requested:
            if task_set is None:
                task: Any = only or tasks[int(random() * len(tasks))]
            else:
                task = task_set._scheduled.pop(0) if task_set._scheduled else None
            wait = True
            try:
                if task is None:
                    task = task_set._next_task()  # type: ignore[union-attr]
                if isinstance(task, type):
                    await self._run_task_set(task, owner)
                else:
                    if self._corrected is not None:
                        self._corrected.task_begins()
                    await task(owner)
            except (StopUser, StopTest):
                raise
            except InterruptTaskSet as error:
                if task_set is not None:
                    raise
                self._report(error, name_of(task))
            except RescheduleTask:
                pass
            except RescheduleTaskImmediately:
                wait = False
            except Exception as error:
                self._report(error, "get_next_task" if task is None else name_of(task))
            except BaseException as error:
                self._take(error, "get_next_task" if task is None else name_of(task))
            if self.stop_requested:
                return
            if pool_user is not None:  # "immediately" leaves out wait times alone
                await self._next_arrival(pool_user)
                turn = engine.turn
                continue
            try:
                seconds = wait_time() if wait else 0.0
                waits = seconds > 0
                if seconds != seconds:
                    raise ValueError("the wait time is nan, no number")
            except BaseException as error:
                self._take(error, "wait_time")
                raise StopUser from error
            if waits:
                self._waiting = True
                await self._backend.sleep(seconds if seconds < _longest_wait else _longest_wait)
                self._waiting = False
                turn = engine.turn
            elif (now := engine.turn) != turn:
                turn = now
            else:  # a task that awaits nothing must not keep the loop from its other work
                await self._backend.sleep(0)
                turn = engine.turn

    async def wait(self, owner: TaskOwner) -> None:
        """Between two tasks of `owner`; raises StopUser when the user is to stop."""
        if self.stop_requested or not self.at_work:
            raise StopUser
        if self._pool_user is not None and (owner is self.user or owner.wait_time is None):
            await self._next_arrival(self._pool_user)
        else:
            wait_time = self.user.wait_time if owner.wait_time is None else owner.wait_time
            try:
                seconds = wait_time()
            except BaseException as error:
                self._take(error, "wait_time")
                raise StopUser from error
            self._waiting = True
            await self._backend.sleep(min(max(0.0, seconds), _longest_wait))
            self._waiting = False
        if self.stop_requested:
            raise StopUser

    async def _next_arrival(self, pool_user: _native.PoolUser) -> None:
        """Until a task is due."""
        self._waiting = True
        await self._backend.wait_for(pool_user)
        self._waiting = False
        pool_user.task_begins()

    async def _run_task_set(self, cls: type[TaskSet], owner: Any) -> None:
        task_set = cls(owner)
        task_set._left = tasks = self._plan.tasks_of(cls)
        try:
            await task_set.on_start()
            self._entered.append(task_set)
            await self._run_tasks(task_set, tasks, task_set)
        except InterruptTaskSet as interrupt:
            await self._leave(task_set)
            if interrupt.reschedule:
                raise RescheduleTaskImmediately from interrupt
            raise RescheduleTask from interrupt
        await self._leave(task_set)

    async def _leave(self, task_set: TaskSet) -> None:
        if self._entered[-1:] == [task_set]:
            self._entered.pop()
            await task_set.on_stop()

    def _take(self, error: BaseException, where: str) -> None:
        """Reports what a user's own code has raised, whatever it is; raises what has ended the user from outside."""
        if self._host.ended or self._scope.ended_by(error):
            raise error
        self._report(error, where)

    def _report(self, error: BaseException, where: str) -> None:
        if holds(error, StopTest):
            self._host.stop_test(self.cls, error)
            return
        self._host.user_error(self.user, error)
        trace = trace_of(error, left_out=_own_files)
        self._host.report_exception(_message_of(error, where), f"  in {where}, user class {self.cls.__name__}\n{trace}")


def _message_of(error: BaseException, where: str) -> str:
    """With what is to be done about a forgotten `async` or `await`, which Python's own words do not say."""
    message = message_of(error)
    if not isinstance(error, (AttributeError, TypeError)):
        return message
    if "AwaitableRequest" in message or "TrioRequest" in message:
        return f"{message}: await the request, or write `async with` for `with`"
    frames = traceback.extract_tb(error.__traceback__)
    if "await" in message and frames and frames[-1].filename in _own_files:
        part = {"_run_task_set": "on_start of ", "_leave": "on_stop of "}.get(frames[-1].name, "")
        return f"{part}{where} is not a coroutine: write `async def` ({message})"
    return message
