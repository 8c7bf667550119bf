"""Data that users of every kind are fed with: `from katydid.data import CsvFeeder`, in Locust's own locustfiles too."""

from .feeders import CsvFeeder, JsonLinesFeeder

__all__ = ["CsvFeeder", "JsonLinesFeeder"]
