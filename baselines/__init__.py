"""The systems that others have published for FER2013, on one protocol; see baselines/dvc.yaml and baselines/README.md.

Each is built to its authors' numbers from the description of its code. Where what they published is a plain bug, what
they meant is built, and `remark` says so.
"""

from dataclasses import dataclass

RANDOM_64 = "7,178 of all rows at random (64, 16 and 20 %)"
RANDOM_80 = "3,589 of all rows at random (80, 10 and 10 %)"
RANDOM_81 = "3,589 of all rows at random (81, 9 and 10 %)"
FIVE = "five emotions, PublicTest or PrivateTest not said"
SEVEN = "seven emotions, PublicTest or PrivateTest not said"
PUBLIC = "PublicTest, on which the epochs were chosen"
BOTH = "PublicTest and PrivateTest, on which the epoch was chosen"
"""Protocols of the authors' figures. Where rows are drawn at random, copies of training images are among the test."""


@dataclass(frozen=True)
class System:
    """One published system.

    Attributes:
        title: what it is called in tables.
        network: a module of baselines/networks and the section of baselines/params.yaml of the same name; "svm" for a
            support vector machine, "" for the mean of others.
        features: the file data/baselines/<features>.npy; "" for a network on pixels alone.
        reported: accuracy that the authors report, in per cent; None where they report none.
        protocol: of that figure.
        remark: what of a plain bug was built as meant, or what else differs.
        normalised: whether batch normalisation follows the convolutions; of an SVM, whether its features are scaled.
        members: systems whose probabilities it is the mean of.
    """

    title: str
    network: str
    features: str
    reported: float | None
    protocol: str
    remark: str = ""
    normalised: bool = True
    members: tuple[str, ...] = ()


_DESCRIBED = "the descriptor is that of the unaugmented face, as published"
_MEANT_WORDS = f"words learned on Training alone; {_DESCRIBED}"
_SOFTMAX = "softmax and cross-entropy for seven independent sigmoids"
_GREY = "grey values from 0 to 1; from 0 to 255, as published, the loss is soon no number"
_UNSCALED = "features unscaled, as published"
_SCALED = "features standardised on Training, which the authors left out"

SYSTEMS = {
    "reference_cnn": System("CNN (reference project)", "reference_cnn", "", 62.55, RANDOM_64),
    "reference_cnn-sift": System("SIFT-CNN", "reference_cnn", "sift", 61.24, RANDOM_64, _MEANT_WORDS),
    "reference_cnn-dsift": System("DSIFT-CNN", "reference_cnn", "dsift", 58.99, RANDOM_64, _DESCRIBED),
    "reference_vgg": System("VGG (reference project)", "reference_vgg", "", 66.75, RANDOM_64),
    "reference_vgg-sift": System("SIFT-VGG", "reference_vgg", "sift", 66.66, RANDOM_64, _MEANT_WORDS),
    "reference_vgg-dsift": System("DSIFT-VGG", "reference_vgg", "dsift", 67.69, RANDOM_64, _DESCRIBED),
    "shallow": System("shallow CNN", "shallow", "", 56.31, RANDOM_80, _SOFTMAX),
    "deep": System("deep CNN", "deep", "", 65.55, RANDOM_80, _SOFTMAX),
    "model_a": System("Model A", "model_a", "", 72.4, FIVE),
    "model_a-landmarks": System("Model A + landmarks", "model_a", "landmarks", 73.5, FIVE),
    "model_a-landmarks_hog": System("Model A + landmarks + HOG", "model_a", "landmarks_hog", 68.7, FIVE),
    "model_a-landmarks_sliding_hog": System(
        "Model A + landmarks + sliding HOG", "model_a", "landmarks_sliding_hog", 71.4, FIVE
    ),
    "model_b": System("Model B", "model_b", "", 73.5, FIVE),
    "model_b-landmarks": System("Model B + landmarks", "model_b", "landmarks", 74.4, FIVE),
    "model_b-landmarks_hog": System("Model B + landmarks + HOG", "model_b", "landmarks_hog", 73.2, FIVE),
    "model_b-landmarks_sliding_hog": System(
        "Model B + landmarks + sliding HOG",
        "model_b",
        "landmarks_sliding_hog",
        61.4,
        SEVEN,
        "75.1 % in five emotions",
    ),
    "model_a_plain": System("Model A without BN", "model_a", "", 65.0, FIVE, _GREY, normalised=False),
    "model_a_plain-landmarks": System(
        "Model A + landmarks without BN", "model_a", "landmarks", 47.3, FIVE, _GREY, normalised=False
    ),
    "model_a_plain-landmarks_hog": System(
        "Model A + landmarks + HOG without BN", "model_a", "landmarks_hog", 66.8, FIVE, _GREY, normalised=False
    ),
    "model_a_plain-landmarks_sliding_hog": System(
        "Model A + landmarks + sliding HOG without BN",
        "model_a",
        "landmarks_sliding_hog",
        54.7,
        FIVE,
        _GREY,
        normalised=False,
    ),
    "model_b_plain": System("Model B without BN", "model_b", "", 34.2, FIVE, _GREY, normalised=False),
    "model_b_plain-landmarks": System(
        "Model B + landmarks without BN", "model_b", "landmarks", 24.4, FIVE, _GREY, normalised=False
    ),
    "model_b_plain-landmarks_hog": System(
        "Model B + landmarks + HOG without BN", "model_b", "landmarks_hog", 23.1, FIVE, _GREY, normalised=False
    ),
    "model_b_plain-landmarks_sliding_hog": System(
        "Model B + landmarks + sliding HOG without BN",
        "model_b",
        "landmarks_sliding_hog",
        58.2,
        FIVE,
        _GREY,
        normalised=False,
    ),
    "svm-hog": System("SVM, HOG", "svm", "hog", 29.0, SEVEN, _UNSCALED, normalised=False),
    "svm-landmarks": System("SVM, landmarks", "svm", "landmarks", 39.2, SEVEN, _UNSCALED, normalised=False),
    "svm-landmarks_hog": System(
        "SVM, landmarks + HOG", "svm", "landmarks_hog", 48.2, SEVEN, _UNSCALED, normalised=False
    ),
    "svm-landmarks_sliding_hog": System(
        "SVM, landmarks + sliding HOG", "svm", "landmarks_sliding_hog", 50.5, SEVEN, _UNSCALED, normalised=False
    ),
    "svm_scaled-hog": System("SVM, HOG, scaled", "svm", "hog", None, "", _SCALED),
    "svm_scaled-landmarks": System("SVM, landmarks, scaled", "svm", "landmarks", None, "", _SCALED),
    "svm_scaled-landmarks_hog": System("SVM, landmarks + HOG, scaled", "svm", "landmarks_hog", None, "", _SCALED),
    "svm_scaled-landmarks_sliding_hog": System(
        "SVM, landmarks + sliding HOG, scaled", "svm", "landmarks_sliding_hog", None, "", _SCALED
    ),
    "blog": System("CNN of the blog (deepface)", "blog", "", 57.43, PUBLIC),
    "vgg_like": System("VGG-like CNN", "vgg_like", "", 66.37, RANDOM_81, "mean and deviation of Training alone"),
    "mini_xception": System(
        "mini-XCEPTION (fer)",
        "mini_xception",
        "",
        66.0,
        BOTH,
        "a constant rate, and accuracy and not loss chooses the epoch; 71 % is reported, too",
    ),
}
"""Name in files and commands → what is trained."""

ENSEMBLES = {
    f"reference_{family}+{name}": System(title, "", "", reported, RANDOM_64, members=members)
    for family, sets in {
        "cnn": (
            ("sift", "CNN + SIFT-CNN", 64.89, ("", "-sift")),
            ("dsift", "CNN + DSIFT-CNN", 63.54, ("", "-dsift")),
            ("all", "aggregated CNN", 65.07, ("", "-sift", "-dsift")),
        ),
        "vgg": (
            ("sift", "VGG + SIFT-VGG", 69.20, ("", "-sift")),
            ("dsift", "VGG + DSIFT-VGG", 69.45, ("", "-dsift")),
            ("all", "aggregated VGG", 70.37, ("", "-sift", "-dsift")),
        ),
    }.items()
    for name, title, reported, ends in sets
    for members in (tuple(f"reference_{family}{end}" for end in ends),)
}
"""Those of the reference project whose probabilities are averaged."""

NETWORKS = tuple(name for name, system in SYSTEMS.items() if system.network != "svm")
"""What baselines/train.py trains."""

SVMS = tuple(name for name, system in SYSTEMS.items() if system.network == "svm")
"""What baselines/fit.py fits."""

JOINED = {"landmarks_hog": ("landmarks", "hog"), "landmarks_sliding_hog": ("landmarks", "sliding_hog")}
"""Features that are others side by side, in the published order."""

LENGTHS = {"landmarks": 136, "hog": 72, "sliding_hog": 2592, "sift": 2048, "dsift": 2048}
LENGTHS |= {name: sum(LENGTHS[part] for part in parts) for name, parts in JOINED.items()}
"""Values a face, as published."""

HEADS = {
    "reference project": tuple(name for name in (SYSTEMS | ENSEMBLES) if name.startswith("reference_")),
    "plain CNNs": ("shallow", "deep"),
    "CNNs with landmarks and HOG": tuple(name for name in SYSTEMS if name.startswith("model_")),
    "SVMs": SVMS,
    "blog, deepface": ("blog",),
    "VGG-like": ("vgg_like",),
    "fer": ("mini_xception",),
}
"""Where systems come from → those of that source."""


def title(name: str) -> str:
    """Return what a system or a combination is called in tables."""
    return (SYSTEMS | ENSEMBLES)[name].title
