"""The types of the few parts of pyqtgraph that mpm_studio uses; pyqtgraph ships none."""
