"""Published test suites: what a plug-in must pass before it is trusted with evidence."""
