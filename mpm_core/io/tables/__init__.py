"""Tables of numbers as text: CSV, TSV and TRC."""
