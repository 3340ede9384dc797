"""The tables of baselines/README.md: every published system on the official split beside its authors' figure.

`python -m docs.readme` writes them; a test compares them with metrics/.
"""

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from baselines import ENSEMBLES, HEADS, NETWORKS, SYSTEMS, System, title
from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.evaluation.tables import (
    PRIVATE,
    PUBLIC,
    accuracy,
    macro,
    markdown,
    with_interval,
    without_duplicates,
)
from openfer.files import load_json
from pipeline import params, paths

README = Path("baselines/README.md")
MINUTES = Path("docs/baselines/minutes.json")
"""What baselines/minutes.py writes: which trainings took how long, on what."""

NOT_YET = "No figures yet: `dvc repro baselines/report/dvc.yaml` makes them, then `make readme` writes them here."

CUT, STOPPED = "†", "‡"
"""Marks of what more epochs may make better, and of a solver that was stopped."""

PICTURE = (
    "![The authors' figures and ours, by protocol](../docs/pictures/baselines.png)\n\n"
    "Rows stand below the protocol of their authors' figure: rows at random leave copies of training images among the "
    "test, five emotions are easier than seven, and the split that chose the epoch flatters."
)

SHEETS = (
    "Learning curves of the networks:\n\n"
    "![Accuracy on Training and PublicTest by epoch](../docs/pictures/baselines_curves.png)\n\n"
    "Confusion matrices on PrivateTest, per cent of the faces of each true emotion:\n\n"
    "![Confusion matrices of all systems](../docs/pictures/baselines_confusion.png)"
)

Evaluations = tuple[dict[str, Any], dict[str, Any]]


def parts() -> dict[str, str]:
    """Return the generated parts of baselines/README.md by name."""
    found = evaluations()
    return {
        "results": f"{results(*found, published_epochs())}\n\n{PICTURE}\n\n{SHEETS}" if found else NOT_YET,
        "sizes": sizes(found[0], load_json(paths.BASELINE_SIZES), minutes()) if found else NOT_YET,
    }


def evaluations() -> Evaluations | None:
    """Return the evaluations of both splits; None before both have been made.

    Raises:
        Refused: they are about other classes than FER2013's seven.
    """
    files = [folder / "evaluation.json" for folder in (paths.BASELINES, paths.PRIVATE_BASELINES)]
    if not all(file.is_file() for file in files):
        return None
    found = tuple(map(load_json, files))
    for file, evaluation in zip(files, found, strict=True):
        told = next(tuple(scores["classes"]) for scores in evaluation["systems"].values())
        if told != EMOTIONS:
            raise Refused(
                f"the table of published systems is about FER2013's seven classes, {file} about {', '.join(told)}: "
                "`git restore metrics` puts the published figures back"
            )
    return found


def published_epochs() -> dict[str, int]:
    """Return the epochs of the authors, by network."""
    return {
        name: params.load(name, params.BASELINES).published_epochs
        for name in dict.fromkeys(SYSTEMS[one].network for one in NETWORKS)
    }


def minutes() -> dict[str, dict[str, Any]] | None:
    """Return the "minutes" of each training and the "hardware" that it ran on; None where nobody has counted."""
    return load_json(MINUTES) if MINUTES.is_file() else None


def rows() -> dict[str, System]:
    """Return systems and combinations in the order of the tables: combinations after their last member."""
    ordered: dict[str, System] = {}
    for name, system in SYSTEMS.items():
        ordered[name] = system
        ordered |= {key: one for key, one in ENSEMBLES.items() if one.members[-1] == name and key not in ordered}
    return ordered


def results(public: Mapping[str, Any], private: Mapping[str, Any], epochs: Mapping[str, int]) -> str:
    """Return one row per system and combination that both splits have.

    Args:
        public: the evaluation of PublicTest.
        private: that of PrivateTest.
        epochs: of the authors, by network.
    """
    header = ["system", "epochs", PUBLIC, f"{PRIVATE} [95 % interval]", "without duplicates", "macro-F1"]
    table = [[*header, "authors' figure", "protocol of that figure"]]
    both = public["systems"].keys() & private["systems"].keys()
    for name, system in rows().items():
        if name in both:
            scores = private["systems"][name]
            figures = [with_interval(scores), without_duplicates(scores), macro(scores)]
            ours = [progress(name, public, epochs), accuracy(public["systems"][name]), *figures]
            table.append([system.title, *ours, reported(system), system.protocol or "–"])
    return f"{markdown(table)}\n\nProtocol: {private['protocol']}. {legend(public)}{missing(both)}"


def missing(both: Set[str]) -> str:
    """Say how many systems and combinations have no figure of both splits yet; nothing where all have them."""
    count = len(rows().keys() - both)
    return f" {count} of {len(rows())} have not run yet." if count else ""


def progress(name: str, public: Mapping[str, Any], epochs: Mapping[str, int]) -> str:
    """Return the epochs of a network, of how many published, and a mark where it has not converged."""
    if name in public["machines"]:
        return STOPPED if public["machines"][name]["stopped"] else "–"
    mark = CUT if name in unfinished(public, epochs) else ""
    if name not in public["trained"]:
        return mark or "–"
    done, published = public["trained"][name]["epochs"], epochs[SYSTEMS[name].network]
    return f"{done} {mark}".strip() if done == published else f"{done} of {published:,} {mark}".strip()


def unfinished(public: Mapping[str, Any], epochs: Mapping[str, int]) -> set[str]:
    """Return the networks that were trained shorter than published and still got better, and what they are part of."""
    found = {
        name
        for name, done in public["trained"].items()
        if done["epochs"] < epochs[SYSTEMS[name].network] and done["best_epoch"] > done["epochs"] / 2
    }
    return found | {name for name, ensemble in ENSEMBLES.items() if found & set(ensemble.members)}


def reported(system: System) -> str:
    """Return the authors' accuracy."""
    return "–" if system.reported is None else f"{system.reported:.2f}%"


def legend(public: Mapping[str, Any]) -> str:
    """Say what the marks mean, and where a solver was stopped."""
    text = (
        f"{CUT}: trained shorter than published, and best on {PUBLIC} in its second half: more epochs may give more. "
        "Combinations are means of probabilities of networks."
    )
    stopped = {name: one for name, one in public["machines"].items() if one["stopped"]}
    if not stopped:
        return text
    found = ", ".join(f"{title(name)} in {len(one['stopped'])} of {one['pairs']}" for name, one in stopped.items())
    return f"{text} {STOPPED}: the solver was stopped by the published limit of steps before its end: {found} pairs."


def sizes(public: Mapping[str, Any], counted: Mapping[str, Any], took: Mapping[str, Any] | None) -> str:
    """Return what each system is made of, how long it trained, and what differs from what was published.

    Args:
        public: the evaluation of PublicTest.
        counted: parameters and multiplications of the networks.
        took: minutes of the trainings, and on what; None where nobody has counted.
    """
    machines = {} if took is None else dict.fromkeys(took[name]["hardware"] for name in SYSTEMS if name in took)
    marks = dict(zip(machines, "abcdefgh" if len(machines) > 1 else [""], strict=False))
    table = [["system", "parameters", "MACs", *(["minutes"] if took else []), "built as meant, or otherwise"]]
    for name, system in SYSTEMS.items():
        parameters, macs = _counts(name, public, counted)
        known = [_minutes(took, name, marks)] if took else []
        table.append([system.title, parameters, macs, *known, system.remark or "–"])
    text = "; ".join(f"{mark}: {machine}" if mark else machine for machine, mark in marks.items())
    return markdown(table) + (f"\n\nMinutes of training on {text}." if took else "")


def _counts(name: str, public: Mapping[str, Any], counted: Mapping[str, Any]) -> tuple[str, str]:
    if name in counted:
        return f"{counted[name]['parameters']:,}", f"{counted[name]['macs'] / 1e6:,.1f} M"
    if name not in public["machines"]:
        return "–", "–"
    machine = public["machines"][name]
    values = machine["support_vectors"] * machine["values"]
    return f"{machine['support_vectors']:,} support vectors", f"{values / 1e6:,.1f} M"


def _minutes(took: Mapping[str, Any], name: str, marks: Mapping[str, str]) -> str:
    """Return the minutes of a training with the mark of its machine."""
    return f"{took[name]['minutes']:.1f} {marks[took[name]['hardware']]}".strip() if name in took else "–"


def heads(public: Mapping[str, Any], private: Mapping[str, Any], epochs: Mapping[str, int]) -> str:
    """Return the best system of each source of which any has run, for the main README.

    Args:
        public: the evaluation of PublicTest, which chooses.
        private: that of PrivateTest.
        epochs: of the authors, by network.
    """
    both = public["systems"].keys() & private["systems"].keys()
    table = [["published system", "epochs", f"{PRIVATE} [95 % interval]", "authors' figure", "protocol of that figure"]]
    for source, names in HEADS.items():
        known = [name for name in names if name in both]
        if not known:
            continue
        best = max(known, key=lambda name: public["systems"][name]["accuracy"])
        system = (SYSTEMS | ENSEMBLES)[best]
        ours = [progress(best, public, epochs), with_interval(private["systems"][best])]
        table.append([f"{source}: {system.title}", *ours, reported(system), system.protocol or "–"])
    return markdown(table) + (f"\n\n{found.strip()}" if (found := missing(both)) else "")
