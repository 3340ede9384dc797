"""The published networks, layer by layer: a table each, and a loop that builds it."""
