"""What a run learns by: one module for each objective, and the terms that they share."""
