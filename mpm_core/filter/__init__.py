"""Filters of positions over time: what they are, how a cutoff is chosen, and the patch that they make."""
