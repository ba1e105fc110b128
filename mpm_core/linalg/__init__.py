"""Linear algebra shared by all."""
