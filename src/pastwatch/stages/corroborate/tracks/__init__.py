"""Timed positions: read from sealed files into columns, held against what the receiver covered."""
