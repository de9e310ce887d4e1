"""Gold sets that judge claims and copying: written by hand before any extractor or detector."""
