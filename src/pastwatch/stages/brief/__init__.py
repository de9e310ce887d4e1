"""A report whose every sentence can be checked: outline, pages, proofs and their verifier."""
