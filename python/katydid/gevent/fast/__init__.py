"""Locust's FastHttpUser over the engine."""
