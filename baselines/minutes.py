"""Write how long the trainings of the published systems took into docs/baselines/minutes.json, for the README's table.

    python -m baselines.minutes "two cores of an AMD EPYC with AVX512-BF16"

From the runs that MLflow holds of `dvc repro baselines/dvc.yaml`. The text says what they ran on. Trainings of which it
holds none keep what the file says of them: not all need run on one machine.
"""

import argparse
import re
import sys

from baselines import SYSTEMS, table
from openfer import files
from openfer.errors import Refused
from pipeline import paths
from pipeline.durations import minutes


def main(hardware: str) -> None:
    """Read the store, write.

    Args:
        hardware: what the trainings ran on.

    Raises:
        Refused: the store holds no training of a published system.
    """
    found = {re.split("[@/]", name)[-1]: value for name, value in minutes(paths.project_root()).items()}
    known = {name: {"minutes": round(found[name], 1), "hardware": hardware} for name in SYSTEMS if name in found}
    if not known:
        raise Refused("MLflow holds no finished training of a published system: `dvc repro baselines/dvc.yaml` first")
    files.save_json(table.MINUTES, (table.minutes() or {}) | known)
    total = sum(one["minutes"] for one in known.values())
    print(f"{len(known)} trainings, {total:.0f} minutes in all: {table.MINUTES}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hardware", help="what the trainings ran on")
    try:
        main(parser.parse_args().hardware)
    except (Refused, OSError) as error:
        sys.exit(f"minutes: {error}")
