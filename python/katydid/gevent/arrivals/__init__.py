"""Tasks of plain users that begin at a rate, whatever their users still wait for: `--arrival-rate CLASS=RATE`.

A user waits for an arrival in place of its wait time. Its class's `wait_time` is nothing then; a task set that has one
of its own keeps it, as in C++.
"""
