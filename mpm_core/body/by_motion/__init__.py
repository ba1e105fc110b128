"""Markers mapped from their own motion, where labels say nothing."""
