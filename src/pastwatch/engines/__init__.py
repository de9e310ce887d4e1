"""Where work runs: an engine takes a task and inputs and gives results."""
