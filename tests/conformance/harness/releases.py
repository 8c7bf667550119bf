"""The Locust releases that the tests run with."""
import pathlib

_PINS = pathlib.Path(__file__).resolve().parent.parent


def releases():
    """Those that have pins, newest first."""
    names = [p.stem.removeprefix("requirements-") for p in _PINS.glob("requirements-[0-9]*.txt")]
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")], reverse=True)
