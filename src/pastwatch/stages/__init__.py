"""The stages of a lookback: siblings that meet in the case file and never import each other."""
