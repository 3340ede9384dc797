"""Going on with a trained network on other faces, such as one's own; see transfer/dvc.yaml."""

MODEL = "transfer"
"""What the network becomes."""
