"""What the tests stand on: processes, a Locust master, workers, a target."""
