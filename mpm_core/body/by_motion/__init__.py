"""Mapping of unlabelled markers by their motion."""
