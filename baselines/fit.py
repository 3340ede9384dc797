"""Fit one of the published support vector machines: features of Training → its arrays, and how the solver ended.

python -m baselines.fit svm-hog
"""

import itertools
import os

from baselines import SVMS, SYSTEMS
from baselines.faces import faces
from baselines.svm import Machine, fit, save
from openfer import files
from openfer.emotions import PUBLIC_TEST, SPLITS, TRAINING
from pipeline import arrays, params, paths, tracking, versions
from pipeline.fingerprint import fingerprint
from stages import run_for_system


def main(name: str) -> None:
    """Read, fit, write, and tell MLflow."""
    versions.require(["numpy", "scikit-learn"])
    system, how = SYSTEMS[name], params.load("svm", params.BASELINES)
    emotions = tuple(arrays.emotions())
    training, public = faces(system.features, TRAINING), faces(system.features, PUBLIC_TEST)
    read = params.dotted({"svm": how}) | {"scaled": system.normalised}
    inputs = [paths.IMAGES, paths.LABELS, paths.SPLIT, paths.EMOTIONS, paths.feature_path(system.features)]
    digests = {str(file): files.digest(file) for file in inputs}
    title, key = f"baselines/{name}", fingerprint({**read, "model": name}, digests)
    called, tags = os.environ.get("DVC_STAGE", title), tracking.tags_of(digests, emotions)
    with tracking.live_run(paths.project_root(), called, key, read, tags) as run:
        machine = fit(training.descriptors[:, 0], training.labels, how, system.normalised, emotions)
        save(paths.svm_path(title), machine)
        report = ended(machine, how.iterations)
        files.save_json(paths.BASELINES / "svm" / f"{name}.json", report)
        predicted = machine.probabilities(public.descriptors[:, 0]).argmax(axis=1)
        accuracy = float((predicted == public.labels).mean())
        run.finish([{"epoch": 1, "public_accuracy": accuracy}], [paths.BASELINES / "svm" / f"{name}.json"])
    print(f"{name}: accuracy on {SPLITS[PUBLIC_TEST]} {accuracy:.4f}, {report['support_vectors']:,} support vectors")


def ended(machine: Machine, limit: int) -> dict[str, object]:
    """Return how large a machine is, and in which pairs of emotions the solver was stopped before its end."""
    pairs = list(itertools.combinations(machine.emotions[machine.classes].tolist(), 2))
    steps = {f"{first}, {second}": int(count) for (first, second), count in zip(pairs, machine.steps, strict=True)}
    return {
        "values": machine.vectors.shape[1],
        "support_vectors": len(machine.vectors),
        "pairs": len(pairs),
        "stopped": [pair for pair, count in steps.items() if count >= limit],
        "steps": steps,
    }


if __name__ == "__main__":
    run_for_system(main, SVMS, __doc__)
