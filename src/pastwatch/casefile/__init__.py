"""The working papers of the desk and of one case: encrypted SQLite, append-only where it counts."""
