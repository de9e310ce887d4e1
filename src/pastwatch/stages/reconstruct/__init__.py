"""What happened: who talked to whom, in which order, who could know, and who stands behind an account."""
