"""Review: what to read next, how much of what is relevant was read, and when to stop."""
