"""The comparisons of arXiv 2306.17201 by many short runs: what is varied (grids), the runs (ablate), and whether claims hold (verdicts)."""
