"""What a query means: one parser, one folding, one matcher, used by scan, index and watch."""
