"""The networks, one file each; `importlib` finds them by name so that editing one leaves the others untouched."""

import importlib

import keras

from fer.networks.layers import Sizes


def build(network: str, sizes: Sizes, descriptor_size: int = 0) -> keras.Model:
    """Build the network of fer/networks/<network>.py, with random weights.

    Args:
        network: a module of this package, "cnn" or "vgg".
        sizes: how large.
        descriptor_size: length of the descriptor that is fused with the picture; 0 for a network on pixels alone.

    Returns:
        A model from "image" (n, 48, 48, 1), grey values 0–255, and "descriptor" (n, descriptor_size) where there is
        one, to seven probabilities (n, 7). Its normalisation layers hold no statistics yet: see `standardise`.
    """
    return importlib.import_module(f"fer.networks.{network}").build(sizes, descriptor_size)
