"""Weights for the fills: trials on the take itself, priors from other takes; and sigma."""
