"""Derives values from the records of an opened slice, each with its maker and version."""
