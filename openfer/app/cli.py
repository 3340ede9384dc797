"""Say what faces show: openfer photo | …; `--help` after each says more.

An expression is not a feeling: the program says which posed expression a face resembles most, of seven or of
those that its model tells apart.
"""

import argparse
import contextlib
import importlib
import math
import os
import signal
import sys
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openfer import MODEL
from openfer.app.valence import VALENCES, require
from openfer.errors import INTERRUPTED, Refused

DETECTORS, SMALLEST = ("yunet", "haar"), 24
"""The names and the default of openfer/faces/detectors.py, which a test compares; OpenCV is not imported for them."""


STREAMS = ("rtsp", "rtsps", "http", "https")
"""How addresses of cameras begin."""

EXTRAS = {"video": "[video]", "webcam": "[video]", "web": "[web]", "cluster": "[ray]"}
"""What of pyproject.toml a command needs beside what prediction needs."""

SCALE = {"ray": "[ray]", "pyarrow": "[ray]"}
"""Packages that only --engine ray needs, whatever the command."""


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(prog="openfer", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--model", type=Path, default=MODEL, help="folder of an exported model (%(default)s)")
    common.add_argument("--detector", choices=DETECTORS, default=DETECTORS[0], help="finds the faces (%(default)s)")
    common.add_argument(
        "--smallest",
        type=number(12, 10_000),
        default=SMALLEST,
        metavar="PIXELS",
        help="side of the smallest face that is looked for, whatever the size of the picture (%(default)s)",
    )
    common.add_argument("--all", action="store_true", help="report finds without eyes that are unsure, too")
    common.add_argument(
        "--prior",
        type=share,
        metavar="0…1",
        help="1: emotions are as frequent as where the model learned; 0: all are equally frequent (what its card says)",
    )
    out = argparse.ArgumentParser(add_help=False)
    out.add_argument("--out", type=place, help="folder of the results (expressions)")
    valence = argparse.ArgumentParser(add_help=False)
    valence.add_argument("--valence", action="store_true", help="add positive, neutral or negative")
    valence.add_argument("--group", action="store_true", dest="valence", help=argparse.SUPPRESS)  # its name until 0.1
    valence.add_argument("--surprise", choices=VALENCES, help="add valence, that of surprise is this one (neutral)")

    _photo(commands, common, out, valence, _scale(256, "pictures"))
    _video(commands, common, out, valence, _scale(1, "films"))
    _webcam(commands, common, out)
    _web(commands, common)
    _cluster(commands)
    return top


def _scale(shard: int, files: str) -> argparse.ArgumentParser:
    """Describe what says where the work is done."""
    scale = argparse.ArgumentParser(add_help=False)
    group = scale.add_argument_group("many files, many machines: pip install 'openfer[ray]'")
    group.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: on all cores of this machine, or of the cluster of --address or RAY_ADDRESS; files, folders, "
        "'patterns' and s3://… in, the rows of the CSV as Parquet out, in --out (a folder or s3://…), and no marked "
        f"{files}; started again with the same --out it reads what is missing",
    )
    group.add_argument("--address", metavar="HOST:PORT", help="of the cluster's head (RAY_ADDRESS)")
    group.add_argument("--workers", type=number(1, 100_000), metavar="N", help="cores to use (all)")
    group.add_argument(
        "--shard", type=number(1, 100_000), default=shard, metavar="N", help=f"{files} a file of results (%(default)s)"
    )
    return scale


def _cluster(commands: Any) -> None:
    """Describe `openfer cluster`."""
    cluster = commands.add_parser("cluster", help="the machines of --engine ray")
    check = cluster.add_subparsers(dest="action", required=True).add_parser(
        "check",
        help="whether they answer, and have the same versions",
        description="Say within ten seconds whether a cluster of Ray answers, which hosts and devices it has, and "
        "whether these have the versions of this machine.",
        epilog="Exit code: 0 all is well, 1 a version differs, 2 no answer.",
    )
    check.add_argument("--address", metavar="HOST:PORT", help="of its head (RAY_ADDRESS)")


def _photo(commands: Any, *parents: argparse.ArgumentParser) -> None:
    """Describe `openfer photo`."""
    photo = commands.add_parser(
        "photo",
        parents=parents,
        help="photographs and folders of them",
        description="Mark the faces of photographs and say what they show. Results: NAME.faces.jpg of every picture, "
        "faces.jsonl and faces.csv, in which faces are numbered from left to right as in the picture, and overview.png "
        "of several pictures. Each run makes a new folder: expressions, expressions-2, … --out names it, and where "
        "there is one with results of an earlier run, nothing is done.",
        epilog="In folders, every file is read or named with the reason; hidden files, Thumbs.db, desktop.ini and "
        "results of earlier runs are passed over. Exit code: 0 all pictures read, 1 some not, 2 none.",
    )
    photo.add_argument("files", type=place, nargs="+", metavar="FILE", help="a picture, or a folder of pictures")
    photo.add_argument("--json", action="store_true", help="print a JSON line a picture; writes files only with --out")
    photo.add_argument("--crop", action="store_true", help="the pictures are faces already, cut out as in FER2013")
    photo.add_argument("--charts", action="store_true", help="write a bar chart of every face, too")


def _video(commands: Any, *parents: argparse.ArgumentParser) -> None:
    """Describe `openfer video`."""
    video = commands.add_parser(
        "video",
        parents=parents,
        help="films and folders of them",
        description="Mark the faces of films, follow people through them, and say what they show in every frame.",
        epilog="Exit code: 0 all films read, 1 some not, 2 none.",
    )
    video.add_argument(
        "files", type=place, nargs="+", metavar="FILE", help="a film in any common format, or a folder of films"
    )
    video.add_argument("--json", action="store_true", help="print a JSON line a frame; writes files only with --out")
    for name, default, unit, said in (
        ("--smooth", 0.0, "SECONDS", "average probabilities over SECONDS (0: do not)"),
        ("--every", 0.0, "SECONDS", "look at a frame every SECONDS (0: at each)"),
        ("--cut", 10.0, "MINUTES", "--engine ray: share out longer films, with the same results (10; 0: do not)"),
    ):
        video.add_argument(name, type=duration, default=default, metavar=unit, help=said)


def _webcam(commands: Any, *parents: argparse.ArgumentParser) -> None:
    """Describe `openfer webcam`."""
    webcam = commands.add_parser(
        "webcam",
        parents=parents,
        help="a camera, live",
        description="Show a camera with the faces marked; q ends.",
    )
    webcam.add_argument(
        "--camera", type=camera, default=0, help="number of the camera, or its rtsp:// or http:// address (%(default)s)"
    )
    webcam.add_argument("--record", action="store_true", help="write what is shown to a film in --out")
    webcam.add_argument("--no-mirror", action="store_true", help="show a camera of this machine as others see you")
    webcam.add_argument(
        "--smooth",
        type=duration,
        default=0.5,
        metavar="SECONDS",
        help="average probabilities over SECONDS (%(default)s)",
    )


def _web(commands: Any, *parents: argparse.ArgumentParser) -> None:
    """Describe `openfer web`."""
    web = commands.add_parser(
        "web",
        parents=parents,
        help="a page for photographs, videos and the browser's camera",
        description="Serve a page; pip install 'openfer[web]' brings what it needs.",
    )
    web.add_argument("--host", default="127.0.0.1", help="0.0.0.0 (IPv6: ::) for other machines, too (%(default)s)")
    web.add_argument("--port", type=number(1, 65535), default=7860, help="(%(default)s)")
    web.add_argument("--certificate", type=Path, metavar="FILE", help="PEM file for https: others may use their camera")
    web.add_argument("--key", type=Path, metavar="FILE", help="PEM file of the certificate's key")
    web.set_defaults(module="page.server")


def place(text: str) -> Path | str:
    """Read an option that is a path, or an address in an object store."""
    return text if text.startswith("s3://") else Path(text)


def require_engine(options: argparse.Namespace) -> None:
    """Refuse what the engine that was chosen has not.

    Raises:
        Refused: an option, or a place, is of the other engine.
    """
    if getattr(options, "engine", "local") == "ray":
        chosen = [f"--{name}" for name in ("json", "charts") if getattr(options, name, False)]
        if chosen or options.out is None:
            raise Refused(f"--engine ray has no {chosen[0]}" if chosen else "--engine ray needs --out")
        return
    given = [f"--{name}" for name in ("address", "workers") if getattr(options, name, None) is not None]
    given += [one for one in (*getattr(options, "files", ()), options.out) if isinstance(one, str)]
    if given:
        raise Refused(f"{given[0]} is for --engine ray")


def duration(text: str) -> float:
    """Read an option that is a time."""
    value = float(text)
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"must be 0 or more. Received: {text}")
    return value


def camera(text: str) -> int | str:
    """Read an option that is the number of a camera or the address of one."""
    if text.isdigit():
        return number(0, 99)(text)
    address = urllib.parse.urlsplit(text)
    if address.scheme not in STREAMS or not address.hostname:
        addresses = " or ".join(f"{scheme}://…" for scheme in STREAMS)
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 99, {addresses}. Received: {text}")
    return text


def share(text: str) -> float:
    """Read an option that is a number from 0 to 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1. Received: {text}")
    return value


def number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads an option that is a whole number from `least` to `most`."""

    def read(text: str) -> int:
        if not (text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}. Received: {text}")
        return int(text)

    return read


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return its exit code."""
    options = parser().parse_args(arguments)
    if hasattr(options, "valence"):  # that of surprise, where valence is asked for
        options.valence = options.surprise or ("neutral" if options.valence else None)
    try:
        if hasattr(options, "out"):
            require_engine(options)
        # Imported here, so that --help and a wrong option answer at once, and a command waits for no other's packages.
        command = importlib.import_module(f"openfer.app.{module_of(options)}")
        if not hasattr(options, "model"):
            return command.main(options)
        from openfer.export.model_folder import ExportedModel
        from openfer.faces import detectors
        from openfer.faces.predictor import Predictor

        with contextlib.closing(detectors.create(options.detector, options.smallest)) as detector:
            model = ExportedModel.load(options.model)
            if getattr(options, "valence", None):
                require(model.emotions)
            return command.main(options, Predictor(model, detector, prior=options.prior, all_faces=options.all))
    except ImportError as error:
        sys.stderr.write(f"{options.command}: {missing(options.command, error)}\n")
        return 2
    except BrokenPipeError:  # whoever read the output has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (Refused, OSError) as error:
        sys.stderr.write(f"{options.command}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


def module_of(options: argparse.Namespace) -> str:
    """Return where the command that was chosen is, below openfer.app."""
    if getattr(options, "engine", "local") == "ray":
        return "scale.run"
    return getattr(options, "module", options.command)


def missing(command: str, error: ImportError) -> str:
    """Return what to do where a package, or a library of the system that OpenCV needs, is missing.

    Raises:
        ImportError: `error` again, where it is neither.
    """
    if isinstance(error, ModuleNotFoundError):
        package = str(error.name).partition(".")[0]
        extra = SCALE.get(package, EXTRAS.get(command, ""))
        return f"{package} is not installed: pip install 'openfer{extra}' (in a checkout: '.{extra}')"
    if ".so" not in str(error):
        raise error
    return f"{error}: on a machine without a screen take opencv-contrib-python-headless for opencv-contrib-python"


def run() -> None:
    """Run the command line of this process and end it with the command's exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: files are finished
    for stream in (sys.stdout, sys.stderr):  # names of files need not be text
        stream.reconfigure(errors="backslashreplace")
    sys.exit(main())
