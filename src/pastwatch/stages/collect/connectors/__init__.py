"""The connectors: one file a format, each read into batches and gaps that sum to its bytes."""
