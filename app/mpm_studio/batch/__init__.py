"""Cleaning many takes: which there are, and the processes that clean them. No Qt, no output."""
