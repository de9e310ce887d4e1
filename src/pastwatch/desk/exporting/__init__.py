"""What of a case leaves it in a format of others: chosen, put under pseudonyms, written, logged."""
