"""Formats of others: what of a case leaves it, and says what it left behind."""
