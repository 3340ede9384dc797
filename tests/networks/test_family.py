"""The family that architectures are searched in: its members, and those of ours that are near them."""

import dataclasses

import pytest

from openfer.networks.build import build
from openfer.networks.settings import Family
from tests.networks.small import SIZES, noise, outputs

FAMILY = Family(**dataclasses.asdict(SIZES), blocks=4, convolutions=2, first_kernel=3, kernel=3, units="plain")


def shapes(network) -> list[tuple]:
    return [variable.shape for variable in network.trainable_variables]


def test_with_residual_units_it_is_the_resnet():
    found = build("family", 0, dataclasses.replace(FAMILY, units="residual"))
    assert shapes(found) == shapes(build("resnet", 0, SIZES))


def test_with_plain_units_it_is_the_vgg_with_one_convolution_more():
    found, vgg = (shapes(network) for network in (build("family", 0, FAMILY), build("vgg", 0, SIZES)))
    assert found[:3] + found[6:] == vgg
    assert found[3] == (3, 3, 2, 2)


@pytest.mark.parametrize("units", ["plain", "residual"])
@pytest.mark.parametrize("blocks", [1, 4])
def test_kernels_blocks_and_convolutions_are_those_of_the_params(units, blocks):
    changes = {"units": units, "blocks": blocks, "convolutions": 3, "first_kernel": 5, "kernel": 1}
    network = build("family", 0, dataclasses.replace(FAMILY, **changes))
    each = 2 if units == "residual" else 1
    kernels = {
        layer.name: layer.kernel_size[0]
        for layer in network.layers
        if "_conv" in layer.name and not layer.name.startswith("stem")
    }
    assert len(kernels) == blocks * 3 * each
    assert all(side == (5 if name.startswith("block1") else 1) for name, side in kernels.items())
    assert outputs(network, [noise(2).images[..., None]]).shape == (2, 7)
