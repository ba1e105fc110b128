"""Checks: the self-test of fills, the proof of an export, the report of a repair."""
