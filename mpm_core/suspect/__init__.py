"""Samples that are there but may be wrong: found from the take's own data, listed, never changed. `find.find_suspects` looks for all."""
