"""The words that show in each language that something is said: data, no code."""
