"""The command line: what is read of it, what a locustfile adds to it, and what it changes."""
