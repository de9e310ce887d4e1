"""What assessing costs, and how long it takes from an event to a brief."""
