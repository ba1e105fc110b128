"""Detectors of samples that may be wrong, from the take's own data. They only report; `find.find_suspects` runs all of them."""
