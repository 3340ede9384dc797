"""The labels of the crowd: the same networks, trained on the votes of FER+ and judged by them; see crowd/dvc.yaml."""

NETWORKS = ("vgg", "resnet")
"""Those that crowd/dvc.yaml trains, modules of openfer/networks."""

MODELS = tuple(f"crowd-{network}" for network in NETWORKS)
"""What they become."""

ALL = "crowd-all"
"""The mean of them, where they are several."""

DISPLAY_NAMES = {
    "crowd-cnn": "CNN of the crowd",
    "crowd-vgg": "VGG of the crowd",
    "crowd-resnet": "ResNet of the crowd",
    ALL: "all of the crowd",
}
"""What they are called in tables."""
