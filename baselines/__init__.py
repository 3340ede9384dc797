"""The systems that others published for FER2013, on one protocol."""
