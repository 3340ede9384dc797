"""The expressions and the three splits of FER2013, in the order of their codes. Spelled only here."""

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""Names in label order: label 0 is "angry", label 6 is "neutral" (the order of fer2013.csv)."""

CONTEMPT = "contempt"
"""The eighth expression, which the crowd of FER+ could choose and FER2013 has not."""

SPLITS = ("Training", "PublicTest", "PrivateTest")
"""The values of the column `Usage`, in the order of their codes in split.npy: train, choose, report."""

TRAINING, PUBLIC_TEST, PRIVATE_TEST = range(3)

IMAGE_SIZE = 48
"""Height and width of a FER2013 face in pixels."""
