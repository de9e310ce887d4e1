"""Trials of finding and reviewing on labelled sets: what is tuned on is never what is told."""
