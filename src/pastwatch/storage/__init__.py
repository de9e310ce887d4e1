"""Disks and buckets: where bytes are kept, and the only code that makes them survive."""
