"""Findings of nothing: how far looking went, a random sample, a rehearsal, and what could explain it."""
