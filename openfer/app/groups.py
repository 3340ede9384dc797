"""Coarse groups of the emotions, for those who want less than seven."""

GROUPS = {
    "positive": ("happy",),
    "neutral": ("neutral",),
    "negative": ("angry", "disgust", "fear", "sad"),
}
"""Emotions of each group; surprise, which may be in any, is for the user to place."""
