"""All users of a process: starts and stops them as the control plane, a thread of C++, says."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Iterable
from typing import Any

from . import _native, chance
from .backend import Backend
from .blocking import BlockingWatch
from .environment import Environment, message_listeners
from .events import events
from .exceptions import StopTest
from .leaving import Leaving
from .running import RunningUser
from .tasks import Plan
from .texts import first_of, is_cancellation, message_of, trace_of
from .user import User, rate_of

logger = logging.getLogger("katydid.host")
_users_per_turn = 100
_grace = 1.0
_hurried_drain = 0.5
"""A master that quits gives requests less than this, and waits no longer for the last report."""
_hurried_grace = 0.1


class Class:
    """One user class as this process runs it."""

    def __init__(self, definition: type[User], arrivals: _native.Arrivals | None) -> None:
        self.definition = definition
        self.arrivals = arrivals
        self.target = 0
        self.fleet = 0
        """Its users on all workers, as far as it is known."""
        self.users: dict[RunningUser, None] = {}  # all, those that are stopping included; in the order of their start
        self.stopping = 0
        self.host: str | None = definition.host
        self.broken = False

    @property
    def name(self) -> str:
        return self.definition.__name__


class Host:
    """Called by the control plane from `Engine.poll()`, on the thread of the loop."""

    def __init__(self, backend: Backend, options: _native.Options, classes: Iterable[type[User]]) -> None:
        self.backend = backend
        self.statistics = _native.Statistics(options.rounding, backend.engine, report_phases=options.report_phases)
        self.environment = Environment(events, self.statistics)
        self.trace = options.mode == "single_user"
        """Whether clients print what they send and receive."""
        self.report_service_time = options.report_service_time
        self.latency_correction = options.latency_correction
        self._classes = {cls.__name__: Class(cls, self._arrivals_of(cls, options)) for cls in classes}
        self._plan = Plan()
        self._starting = False
        self._test_stopped = False
        self._pending: list[Awaitable[Any]] = []
        self._ending: list[Awaitable[Any]] = []
        self._ending_limit = _grace
        self._leaving: list[Awaitable[Any]] = []
        self._told_quitting = False
        self._client_id = ""
        self._worker = _native.Worker(options, backend.engine, self.statistics, self)
        self._finished = backend.event()
        self._exit_code = 0
        self.ended = False
        """The run is over: what is raised now belongs to the loop, which ends what is left."""

    def _arrivals_of(self, cls: type[User], options: _native.Options) -> _native.Arrivals | None:
        rate = options.arrival_rate(cls.__name__) or rate_of(cls)
        if rate is None:
            return None
        return _native.Arrivals(self.backend.engine, self.statistics, cls.__name__, rate, random.getrandbits(64))

    async def run(self) -> int:
        """Until the master says quit, or the test is over; the exit code."""
        watch = BlockingWatch(self.backend.engine)
        self._worker.start()
        watch.start()
        while not await self._finished.wait(3600):
            pass
        watch.stop()
        self.quitting()
        await self._run_pending(self._leaving)
        if self.environment.process_exit_code is not None:
            self._exit_code = self.environment.process_exit_code
        await self._run_pending(events.quit.fire(exit_code=self._exit_code))
        self.ended = True
        return self._exit_code

    # What the control plane calls.

    def init(self) -> None:
        self._client_id = self.environment.client_id
        self._run_later(events.init.fire(environment=self.environment, runner=None, web_ui=None))

    def test_start(self) -> None:
        self._pending += events.test_start.fire(environment=self.environment)

    def test_stop(self) -> None:
        self._ending += events.test_stop.fire(environment=self.environment)

    def test_stopping(self) -> None:
        self._run_later(events.test_stopping.fire(environment=self.environment))

    def spawning_complete(self, user_count: int) -> None:
        self._run_later(events.spawning_complete.fire(user_count=user_count))

    def heartbeat_received(self, client_id: str, timestamp: float) -> None:
        self._run_later(events.heartbeat_received.fire(client_id=client_id, timestamp=timestamp))

    def usage_monitor(self, cpu_usage: float, memory_usage: int) -> None:
        self._run_later(
            events.usage_monitor.fire(environment=self.environment, cpu_usage=cpu_usage, memory_usage=memory_usage)
        )

    def cpu_warning(self, cpu_usage: float) -> None:
        self._run_later(events.cpu_warning.fire(environment=self.environment, cpu_usage=cpu_usage))

    def quitting(self) -> None:
        """Once: by a signal before users stop, else after it, as in Locust."""
        if not self._told_quitting:
            self._told_quitting = True
            self._leaving = events.quitting.fire(reverse=True, environment=self.environment)

    def report_to_master(self) -> dict[str, Any]:
        """What listeners add to a report, perhaps to one that the end of the run has overtaken."""
        data: dict[str, Any] = {}
        self._run_later(events.report_to_master.fire(client_id=self._client_id, data=data))
        return data

    def finish_hooks(self) -> None:
        """The last report of the test leaves after what listeners of test_stop have still to do."""
        listeners, self._ending = self._ending, []
        if listeners:
            self.backend.start_soon(self._finish_hooks, listeners)
        else:
            self._worker.hooks_finished()

    def message_types(self) -> list[str]:
        return list(message_listeners)

    def message(self, kind: str, data: Any) -> None:
        try:
            result = message_listeners[kind](environment=self.environment, msg=data)
        except BaseException as error:
            logger.error("Uncaught exception in the listener of %s: %s\n%s", kind, message_of(error), trace_of(error))
            return
        if isinstance(result, Awaitable):
            self._run_later([result])

    def begin_test(
        self, host: str, tags: list[str], exclude_tags: list[str], edits: dict[str, tuple[str | None, list[str] | None]]
    ) -> None:
        chance.begin_test(self.environment.worker_index)
        self._plan = Plan(tags, exclude_tags)
        self._test_stopped = False
        for each in self._classes.values():
            edited_host, edited_tasks = edits.get(each.name, (None, None))
            each.broken = False
            if each.arrivals is not None:
                each.arrivals.begin_test(chance.seed_of_arrivals(each.name))
            each.host = host or edited_host or each.definition.host
            if edited_tasks is not None:
                self._plan.restrict(each.definition, edited_tasks)

    def set_targets(
        self,
        targets: dict[str, int],
        task: float,
        drain: float,
        on_stop: float,
        parts: dict[str, float],
        fleet: dict[str, int],
    ) -> None:
        for each in self._classes.values():
            each.target = targets.get(each.name, 0)
            each.fleet = fleet.get(each.name, 0)
            if each.arrivals is not None:
                each.arrivals.set_part(parts.get(each.name, 0.0), each.target)
        self._ending_limit = task + (_grace if drain > _hurried_drain else _hurried_grace)
        surplus = self._surplus()
        leaving = Leaving(self.backend, surplus)
        for user in surplus:
            user.leave_with(leaving, on_stop)
        if leaving.at_work:
            self.backend.start_soon(self._stop, leaving, task, drain, on_stop)
        if not self._starting:
            self._starting = True
            self.backend.start_soon(self._start_missing)

    def finished(self, exit_code: int) -> None:
        self._exit_code = exit_code
        self._finished.set()

    # What users call.

    def user_is_ending(self, user: RunningUser) -> None:
        if user.leaving is None:  # by itself; the others are counted already
            self._classes[user.cls.__name__].stopping += 1
        else:
            user.leaving.drop(user)

    def user_is_gone(self, user: RunningUser) -> None:
        each = self._classes[user.cls.__name__]
        if each.users.pop(user, self) is self:
            return  # it was given up before
        each.stopping -= 1
        self._worker.set_users(each.name, len(each.users))
        self._check_reached()

    def fleet_users(self, cls: type[User]) -> int:
        each = self._classes[cls.__name__]
        return max(each.fleet, len(each.users) - each.stopping)

    def user_error(self, user: User, error: BaseException) -> None:
        self._run_later(events.user_error.fire(user_instance=user, exception=error, tb=error.__traceback__))

    def report_exception(self, message: str, trace: str) -> None:
        self._worker.report_exception(message, trace)

    def stop_test(self, cls: type[User], error: BaseException) -> None:
        """Once: other users may raise it as well before they are told to stop."""
        if self._test_stopped:
            return
        self._test_stopped = True
        why = message_of(first_of(error, StopTest) or error)
        logger.error("%s (a user of class %s has raised StopTest)", why, cls.__name__)
        logger.warning("Stopping the test")
        self.environment.quit()

    def _surplus(self) -> list[RunningUser]:
        surplus: list[RunningUser] = []
        for each in self._classes.values():
            if each.target == 0:  # those that are stopping already get the new policy: it may be a shorter one
                chosen = [user for user in each.users if user.at_work]
            else:
                live = [user for user in each.users if user.leaving is None and user.at_work]
                chosen = live[each.target :]
            each.stopping += sum(user.leaving is None for user in chosen)
            surplus += chosen
        return surplus

    async def _stop(self, leaving: Leaving[RunningUser], task: float, drain: float, on_stop: float) -> None:
        everybody = list(leaving.at_work)
        if task > 0:
            for user in everybody:
                user.finish_task()
            await leaving.none_at_work.wait(task)
            for _ in leaving.at_work:
                self._worker.task_cut_short()
        for user in list(leaving.at_work):
            user.cancel()
        await leaving.none_at_work.wait(drain)
        stubborn = list(leaving.at_work)
        for user in stubborn:
            user.kill()
        if await leaving.none_at_work.wait(on_stop + _grace):
            return
        for user in list(leaving.at_work):
            logger.error("A %s does not end: its task ignores its cancellation. It is left behind", user.cls.__name__)
            self.user_is_ending(user)
            self.user_is_gone(user)

    async def _start_missing(self) -> None:
        pending, self._pending = self._pending, []
        await self._run_pending(pending)
        left = _users_per_turn
        for each in self._classes.values():
            while len(each.users) - each.stopping < each.target and not each.broken:
                if left == 0:
                    await self.backend.sleep(0)
                    left = _users_per_turn
                    continue
                left -= 1
                with chance.of_another_user(each.name):
                    self._start_one(each)
        self._starting = False
        self._check_reached()

    def _start_one(self, each: Class) -> None:
        try:
            if not self._plan.tasks_of(each.definition):
                raise ValueError("--tags, --exclude-tags or the class picker leave it no task to run")
            user = RunningUser(self, each.definition, each.host, self._plan, each.arrivals)
        except StopTest as error:
            each.broken = True
            self.stop_test(each.definition, error)
            return
        except BaseException as error:
            each.broken = True
            self.report_exception(f"cannot start users of class {each.name}: {message_of(error)}", trace_of(error))
            return
        each.users[user] = None
        self._worker.set_users(each.name, len(each.users))
        self.backend.start_soon(user.live)

    async def _finish_hooks(self, listeners: list[Awaitable[Any]]) -> None:
        done = self.backend.event()

        async def run() -> None:
            await self._run_pending(listeners)
            done.set()

        self.backend.start_soon(run)
        if not await done.wait(self._ending_limit):
            logger.warning(
                "A listener of test_stop takes more than %g s: the last report does not wait for it", self._ending_limit
            )
        self._worker.hooks_finished()

    def _check_reached(self) -> None:
        if not self._starting and not any(each.stopping for each in self._classes.values()):
            self._worker.reached()

    def _run_later(self, listeners: list[Awaitable[Any]]) -> None:
        if listeners:
            self.backend.start_soon(self._run_pending, listeners)

    async def _run_pending(self, listeners: list[Awaitable[Any]]) -> None:
        for each in listeners:
            try:
                await each
            except BaseException as error:
                if self.ended or (is_cancellation(error) and not isinstance(error, GeneratorExit)):
                    raise
                logger.error("Uncaught exception in a listener: %s\n%s", message_of(error), trace_of(error))
