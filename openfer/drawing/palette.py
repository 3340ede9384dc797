"""The colours of the seven emotions."""

COLOURS = {
    "angry": (214, 69, 65),
    "disgust": (120, 150, 60),
    "fear": (142, 96, 180),
    "happy": (245, 180, 40),
    "sad": (70, 120, 190),
    "surprise": (240, 130, 50),
    "neutral": (150, 155, 160),
}
"""RGB of each emotion, in every picture that the program draws."""
