"""The paper's refine module, for comparison only: its settings, the module and how it learns, and the table of what it adds."""
