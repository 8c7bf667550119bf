"""The tables, as a tool prints them and as docs/performance.md has them: rows in, lines of Markdown out."""

import statistics


def head(*titles):
    """A title that ends in | is that of a column of text."""
    names = [title.rstrip("|") for title in titles]
    return [line(names), line(["---" if title.endswith("|") else "---:" for title in titles])]


def line(cells):
    return f"| {' | '.join(map(str, cells))} |"


def grouped(rows, *keys):
    """The rows of each combination of these keys, in the order of their first."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return groups


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def baseline(rows):
    """Whom the others are compared with, if anybody."""
    there = {row["peer"] for row in rows}
    return next((peer for peer in ("wrk", "h2load", "curl", "katydid-fast") if peer in there), None)


def cost_head(rows):
    ratio = f"x {baseline(rows) or 'wrk'}"
    return head("users", "client|", "CPU us/request", "lowest to highest", "of it user", ratio,
                "requests/s", "peak MiB", "missing", "failed")  # fmt: skip


def cost_rows(rows):
    first = baseline(rows)
    for (users, peer), rounds in grouped(rows, "users", "peer").items():
        middle = sorted(rounds, key=lambda row: row["cpu"])[len(rounds) // 2]
        cpu, base = median(rounds, "cpu"), [row for row in rows if row["users"] == users and row["peer"] == first]
        yield line([users, peer, f"{cpu:.2f}", _span(rounds, "cpu"), f"{middle['user']:.2f}",
                     f"{cpu / median(base, 'cpu'):.2f}" if base else "-", f"{middle['rate']:.0f}", f"{middle['memory']:.0f}",
                     *_lost(rounds)])  # fmt: skip


def _span(rounds, key):
    return f"{min(row[key] for row in rounds):.2f} to {max(row[key] for row in rounds):.2f}"


def _lost(rounds):
    """The most that a round had of what the master did not get, and of failures."""
    missing, failed = ("-" if rounds[0][key] is None else max(row[key] for row in rounds) for key in ("missing", "failed"))
    cut = max(row["cut"] for row in rounds)
    return f"{missing} ({cut} cut off at stop)" if cut else missing, failed


def start_table(rows):
    yield from head("start of examples/hello.cpp|", "seconds, median")
    for (start,), rounds in grouped(rows, "start").items():
        yield line([start, f"{median(rounds, 'seconds'):.2f}"])


def shards_table(rows):
    yield from head("client|", "shards", "requests/s", "CPU us/request", "x one shard's rate", "missing")
    one = {peer: median(rounds, "rate") for (peer, shards), rounds in grouped(rows, "peer", "shards").items() if shards == 1}
    for (peer, shards), rounds in grouped(rows, "peer", "shards").items():
        rate = median(rounds, "rate")
        missing = "-" if rounds[0]["missing"] is None else sum(row["missing"] for row in rounds)
        yield line([peer, shards, f"{rate:.0f}", f"{median(rounds, 'cpu'):.2f}", f"{rate / one[peer]:.2f}", missing])


def rates_table(rows):
    yield from head("requests/s", "client|", "held", "late by us, p50", "p99", "at most", "CPU us/request", "x katydid")
    base = {rate: median(rounds, "cpu") for (rate, peer), rounds in grouped(rows, "rate", "peer").items() if peer == "katydid"}
    for (rate, peer), rounds in grouped(rows, "rate", "peer").items():
        cpu = median(rounds, "cpu")
        ratio = f"{cpu / base[rate]:.1f}" if rate in base else "-"
        yield line([rate, peer, f"{median(rounds, 'held'):.1f}", *(f"{median(rounds, key):.0f}" for key in ("p50", "p99", "most")),
                     f"{cpu:.1f}", ratio])  # fmt: skip


def idle_head():
    return head("user|", "users", "resident MiB", "bytes a user", "CPU us a wake-up")


def idle_rows(rows):
    for row in rows:
        resident = row["resident"] / 2**20
        yield line([f"`{row['kind']}`", row["users"], f"{resident:.1f}", f"{row['bytes']:.0f}", f"{row['wake_up']:.1f}"])


def accuracy_head():
    return head("client|", "delay ms", "requests", "target's p50 ms", "measured p50 ms", "beyond p50 us", "beyond p99 us")


def accuracy_rows(rows):
    for row in rows:
        what = row["delay"] if isinstance(row["delay"], str) else f"{row['delay']:g}"
        yield line([row["client"], what, row["requests"], f"{row['said']:.3f}", f"{row['measured']:.3f}",
                     f"{row['beyond_p50']:.0f}", f"{row['beyond_p99']:.0f}"])  # fmt: skip


def accuracy_summary(rows):
    """A line for each client, a column for each delay."""
    delays = list(grouped(rows, "delay"))
    yield from head("client|", *(f"{delay:g} ms" for (delay,) in delays))
    for (client,), of_client in grouped(rows, "client").items():
        yield line([client, *(f"{row['beyond_p50']:.0f} ({row['beyond_p99']:.0f})" for row in of_client)])


# As they are on the page.
KINDS = {
    "cost": lambda rows: [*cost_head(rows), *cost_rows(rows)],
    "start": start_table,
    "shards": shards_table,
    "rates": rates_table,
    "idle": lambda rows: [*idle_head(), *idle_rows(rows)],
    "accuracy": accuracy_summary,
}


def show(lines):
    for line in lines:
        print(line, flush=True)
