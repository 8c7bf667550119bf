"""What the tests of this folder share."""

from fixtures import processes, target

__all__ = ["processes", "target"]
