"""What watches cost on the way in, how soon their alerts stand, and what they would have told."""
