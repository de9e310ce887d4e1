"""The formats a brief is written in, one a file."""
