"""The enrichers that come with Pastwatch: one a file, each registered under its name."""
