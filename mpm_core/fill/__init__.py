"""Fills of gaps, one per file, all with one signature; auto/ weights them, keep/ applies constraints to the result."""
