"""Constraints on fills: continuous edges, feet at rest, bone lengths, smooth markers, distances between markers; and limits."""
