"""What is examined as it arrives, what raises an alert, and whether it would have warned of the past."""
