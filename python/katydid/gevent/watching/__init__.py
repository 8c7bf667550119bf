"""What others are shown of a test that runs."""
