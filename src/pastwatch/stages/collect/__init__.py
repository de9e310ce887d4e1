"""Collect: read what was handed over into batches, and seal it unread."""
