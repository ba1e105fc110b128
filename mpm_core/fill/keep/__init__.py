"""Constraints that fills satisfy: continuous edges, feet at rest, constant bone lengths, smooth markers, distances between markers; and limits."""
