"""ASF/AMC: amc.py is what the registry calls."""
