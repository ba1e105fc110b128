"""USD: usd.py is what the registry calls; it needs the package usd-core."""
