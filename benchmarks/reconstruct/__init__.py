"""Measurements of what was reconstructed: threads of mail with and without headers, replies in chat."""
