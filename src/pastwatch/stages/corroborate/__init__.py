"""What open reports and other evidence say, and to how many roots it goes back."""
