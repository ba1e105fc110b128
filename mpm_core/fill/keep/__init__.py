"""Constraints that fills satisfy: continuous edges, constant bone lengths, observed distances between markers."""
