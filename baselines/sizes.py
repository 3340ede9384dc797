"""Count the parameters of the published networks, and what they multiply and add for a face: networks → sizes.json.

python -m baselines.sizes
"""

from tqdm import tqdm

from baselines import LENGTHS, NETWORKS, SYSTEMS
from openfer import files
from pipeline import backend, paths, versions
from stages import run


def main() -> None:
    """Build each as published, count, write."""
    versions.require(["keras", "tensorflow"])
    backend.choose("tensorflow")
    import keras  # only now

    from baselines.macs import macs
    from baselines.networks.build import build, parameters
    from baselines.networks.layers import Variant

    sizes = {}
    for name in tqdm(NETWORKS, desc="Building", unit="network"):
        system = SYSTEMS[name]
        network = build(system.network, LENGTHS.get(system.features, 0), Variant(normalised=system.normalised))
        sizes[name] = {"parameters": parameters(network), "macs": macs(network)}
        keras.backend.clear_session()
    files.save_json(paths.BASELINE_SIZES, sizes)
    print(f"{len(sizes)} networks, {sum(one['parameters'] for one in sizes.values()):,} parameters in all")


if __name__ == "__main__":
    run(main)
