"""Checks a user can trust: the self-test of fills, the proof of an export, the report of a repair."""
