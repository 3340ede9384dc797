"""Many pictures and films on many machines, by Ray: `--engine ray`; Ray is imported nowhere else in openfer."""
