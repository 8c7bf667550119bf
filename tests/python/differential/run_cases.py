"""Runs the cases in a process of their own, on Locust's clients or on Katydid's, and writes down what they saw.

python run_cases.py --client locust --kind http --port 8080 --out seen.json
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
from typing import Any


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--client", choices=["locust", "katydid", "spoiled"], required=True)
    parser.add_argument("--kind", choices=["http", "fast"], required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--quiet", action="store_true", help="no listener besides Locust's own")
    parser.add_argument("--only", help="a case's name")
    parser.add_argument("--tls-port", type=int, default=0)
    parser.add_argument("--club-port", type=int, default=0, help="HTTPS that demands a client certificate")
    parser.add_argument("--certificates", default="", help="the folder they are in")
    return parser.parse_args()


def mark(port: int, case: str) -> None:
    """Tells the target that what follows belongs to that case."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"MARK /{case} HTTP/1.1\r\nConnection: close\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


def run(options: argparse.Namespace) -> dict[str, object]:
    import gevent
    import locust

    if options.client == "katydid":
        import katydid.gevent

        katydid.gevent.install()
    elif options.client == "spoiled":
        spoil()

    import cases
    import chain_cases  # noqa: F401  (before those who add them)
    import composed_cases  # noqa: F401  (as well)
    import context_cases  # noqa: F401
    import cookie_cases  # noqa: F401  (as well)
    import fast_cases  # noqa: F401
    import http_cases  # noqa: F401
    import proxy_cases  # noqa: F401
    import stream_cases  # noqa: F401
    import tls_cases  # noqa: F401
    import upload_cases  # noqa: F401
    from locust.env import Environment
    from locust.event import Events

    cases.places.tls_port, cases.places.club_port = options.tls_port, options.club_port
    cases.places.certificates = options.certificates
    registry = cases.http if options.kind == "http" else cases.fast
    base: Any = locust.HttpUser if options.kind == "http" else locust.FastHttpUser
    results: dict[str, object] = {}
    for name, case in registry.cases.items():
        if options.only not in (None, name):
            continue
        user_class = type("CaseUser", (base,), {"host": f"http://127.0.0.1:{options.port}", "tasks": [print]})
        environment = Environment(user_classes=[user_class], events=Events())
        environment.create_local_runner()
        fired: list[object] = []

        def listen(fired: list[object] = fired, **meta: Any) -> None:
            fired.append(describe(meta))

        if not options.quiet:
            environment.events.request.add_listener(listen)
        mark(options.port, name)
        user = user_class(environment)
        outcome: dict[str, object] = {}

        def body(case: cases.Case = case, user: Any = user, outcome: dict[str, object] = outcome) -> None:
            try:
                with gevent.Timeout(20):
                    outcome["returned"] = case(user)
            except BaseException as error:
                outcome["raised"] = cases.exception(error)

        gevent.spawn(body).join()
        stats = environment.stats
        outcome["events"] = fired
        outcome["entries"] = sorted(
            [e.method, e.name, e.num_requests, e.num_failures, e.total_content_length] for e in stats.entries.values()
        )
        outcome["total"] = [stats.total.num_requests, stats.total.num_failures, stats.total.total_content_length]
        outcome["errors"] = sorted(
            [cases.tidy(e.to_name()), cases.tidy(e.serialize()["error"]), e.occurrences] for e in stats.errors.values()
        )
        results[name] = outcome
        environment.runner.quit()  # type: ignore[union-attr]
    return results


def describe(meta: dict[str, Any]) -> object:
    import cases

    return {
        "keys": sorted(meta),
        "what": [meta["request_type"], meta["name"], meta["response_length"], meta["context"]],
        "url": meta["url"],
        "timed": [type(meta["response_time"]).__name__, meta["response_time"] > 0, type(meta["start_time"]).__name__],
        "exception": cases.exception(meta["exception"]),
        "response": getattr(meta["response"], "status_code", None),
    }


def spoil() -> None:
    """Breaks Locust's clients in small ways, to see that the comparison notices each."""
    import locust.clients
    import locust.contrib.fasthttp as fasthttp

    request = locust.clients.HttpSession.request
    fast_request = fasthttp.FastHttpSession.request

    def spoiled(self: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "X-Spoiled": "1"}
        return request(self, method, url, *args, **kwargs)

    def fast_spoiled(self: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs["name"] = kwargs.get("name") or "spoiled"
        return fast_request(self, method, url, *args, **kwargs)

    locust.clients.HttpSession.request = spoiled  # type: ignore[method-assign]
    fasthttp.FastHttpSession.request = fast_spoiled  # type: ignore[method-assign]


if __name__ == "__main__":
    arguments = parse()
    seen = run(arguments)
    with open(arguments.out, "w", encoding="utf-8") as out:
        json.dump(seen, out, default=repr)
    sys.exit(0)
