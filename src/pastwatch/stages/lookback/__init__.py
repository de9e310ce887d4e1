"""From a slice to hits: planned before anything opens, scanned without an index, streamed."""
