"""Fuzzing: every parser of what others made, under inputs that no one thought of."""
