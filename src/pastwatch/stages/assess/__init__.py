"""How sure we are: wording, coverage and findings, checked before they are kept."""
