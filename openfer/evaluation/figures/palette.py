"""Colours that people with any kind of colour vision can tell apart (Okabe & Ito 2008, jfly.uni-koeln.de/color)."""

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000")
"""Blue, orange, bluish green, vermilion, reddish purple, sky blue, black; their yellow is too pale for a line."""
