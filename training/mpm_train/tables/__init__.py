"""Measuring finished models: which samples are masked (plan), how they are filled and compared (cells, gap_errors), and the tables."""
