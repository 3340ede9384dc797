"""What the figures mean: scores, calibration, comparison, ensembles, protocol, tables."""
