"""What a change of code means: what cannot change a result costs nothing, and nothing else is ever taken away."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import code
from pipeline.code import FOLDERS, behaviour, behaviour_of, sources
from tests.imports import ROOT

PLAIN = '''
import logging

log = logging.getLogger(__name__)


class Recipe:
    rate: float


def train(path, recipe):
    if not path:
        raise TrainingError("no path")
    for epoch in range(3):
        step(epoch, """
  text  """)
    return [
        1,
        2,
    ]
'''
"""A source, and below what leaves it as it is: (a piece of it, what takes its place)."""

HARMLESS = {
    "comment": ("return [", "# é → 3\n    return [  # the answer"),
    "comment in a list": ("        1,\n", "        # one\n        1,  # é\n"),
    "docstring of the module": ("\nimport", '"""What it is."""\n\nimport'),
    "docstring of a class": ("    rate: float", '    """Doc."""\n\n    rate: float\n    """per step"""'),
    "docstring of a function": ("    if not path", "    '''é\n\n    doc\n    '''\n    if not path"),
    "blank lines": ("    return", "\n\n    return"),
    "blank line in a list": ("        1,\n", "\n\n        1,\n"),
    "form feed": ("class", "\x0cclass"),
    "trailing blanks": ("import logging", "import logging  \t"),
    "line ends": ("\n", "\r\n"),
    "old line ends": ("\n", "\r"),
    "indentation": ("        step(", "            step("),
    "layout of a call": ("step(epoch, ", "step(\n            epoch, "),
    "continued line": ("if not path", "if \\\n        not path"),
    "message": ('"no path"', 'f"{path} is {len(path):,} long" " é"'),
    "message over lines": (
        '"no path"',
        '\n            "no"\n            # ?\n            f"path {recipe}"\n        ',
    ),
    "print": ("    return", '    print(f"{len(path)} é", recipe.rate, end="")\n    return'),
    "log": ("    return", '    log.warning("%s: %.2f", path, recipe.rates.mean(), exc_info=True)\n    return'),
    "progress bar": ("    return", "    self.bar.set_postfix(loss=f\"{logs['loss']:.3f}\")\n    return"),
}

TELLING = {
    "value": ("1,", "3,"),
    "text that is a value": ("  text  ", "  text "),
    "blank line in a text": ("  text", "\n  text"),
    "form feed in a text": ("  text", "\x0c  text"),
    "line separator in a text": ("  text", "\u2028  text"),
    "hash in a text": ("  text", "# text"),
    "number of messages": ('"no path"', '"no", "path"'),
    "no message": ('"no path"', ""),
    "value of an error": ('"no path"', "path"),
    "kind of error": ("TrainingError(", "Stopped("),
    "message of Python's own error": ('TrainingError("no path")', 'ValueError("no path")'),
    "message that names something": ('"no path"', 'f"{(path := 3)}"'),
    "cause": ('"no path")', '"no path") from error'),
    "call": ("    return", "    step(1)\n    return"),
    "print that calls": ("    return", "    print(step(1))\n    return"),
    "print that calls a method": ("    return", "    print(path.pop())\n    return"),
    "print that uses up": ("    return", "    print(*path)\n    return"),
    "print of a comprehension": ("    return", "    print([one for one in path])\n    return"),
    "print that names": ("    return", "    print(path := 3)\n    return"),
    "print into a file": ("    return", '    print("1", file=recipe)\n    return'),
    "print with unknown keywords": ("    return", '    print("1", **recipe)\n    return'),
    "what begins like print": ("    return", "    print_all()\n    return"),
    "setting up the logger": ("    return", "    log.setLevel(1)\n    return"),
    "print used as a value": ("    return", "    rows = print(path)\n    return"),
    "f-string as a statement": ("    return", '    f"{path[0]}"\n    return'),
    "decorator": ("def train", "@cached\ndef train"),
    "level of a statement": ("    return", "        return"),
    "statement taken into a line": ("[\n        1,\n        2,\n    ]", "1\n    -2"),
}


def changed(edit: tuple[str, str]) -> str:
    assert edit[0] in PLAIN
    source = PLAIN.replace(*edit)
    ast.parse(source)
    return source


@pytest.mark.parametrize("edit", HARMLESS.values(), ids=HARMLESS)
def test_what_cannot_change_a_result_leaves_the_behaviour_as_it_is(edit):
    assert behaviour(changed(edit)) == behaviour(PLAIN)


@pytest.mark.parametrize("edit", TELLING.values(), ids=TELLING)
def test_what_can_change_a_result_changes_the_behaviour(edit):
    assert behaviour(changed(edit)) != behaviour(PLAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1 \\\n\n-2\n", "x = 1 \\\n-2\n"),  # a blank line ends a continued one
        ("x = 'a' 'b'\n", "x = 'a'\n'b'\n"),
        ("x = f'{y}  '\n", "x = f'{y} '\n"),
        ("x = f'{y = }'\n", "x = f'{y=}'\n"),
        ("x = (1,)\n", "x = (1)\n"),
        ("if x:\n    y\n    z\n", "if x:\n    y\nz\n"),
        ("class A(Refused):\n    'doc'\n    x = 'doc'\n", "class A(Refused):\n    'doc'\n    x = 'text'\n"),
        ("def print(x):\n    y(x)\nprint(1)\n", "def print(x):\n    y(x)\n"),
        ("from rich import print\nprint(1)\n", "from rich import print\n"),
        ("log = rows()\nlog.info(1)\n", "log = rows()\n"),
        ("def f(log):\n    log.info(1)\n    x\n", "def f(log):\n    x\n"),
        ("raise StopIteration('a')\n", "raise StopIteration('b')\n"),
        ("raise error('KeyError')\n", "raise error('OSError')\n"),
        ("raise Refused('a').with_traceback('b')\n", "raise Refused('a').with_traceback('c')\n"),
    ],
)
def test_sources_that_do_different_things_stay_different(one, other):
    assert behaviour(one) != behaviour(other)


def test_only_the_named_pieces_are_gone():
    source = '"""Doc."""\nx = f(1,\n  "a" # b\n)\nif x:\n\tprint(x); y = 2\nraise Refused(f"{x}") from x\n'
    assert behaviour(source) == 'x = f ( 1 , "a" )\nif x :\n ; y = 2\nraise Refused ( "" ) from x\n'


class Stripped(ast.NodeTransformer):
    """Takes away what is only told, so that what is left can be compared."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if text or ast.unparse(node).startswith(("print", "log.", "self.bar.set_postfix")) else node

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        if isinstance(node.exc, ast.Call):
            node.exc.args = [
                ast.Constant("") if isinstance(one, ast.JoinedStr) or isinstance(getattr(one, "value", 0), str) else one
                for one in node.exc.args
            ]
        return node


def tree_of(source: str) -> str:
    tree = Stripped().visit(ast.parse(source))
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            node.body = [one for one in node.body if not isinstance(one, ast.Pass)]
        if isinstance(getattr(node, "orelse", None), list):
            node.orelse = [one for one in node.orelse if not isinstance(one, ast.Pass)]
    return ast.dump(tree)


def filled(text: str) -> str:
    """Put `pass` into the bodies that are empty."""
    lines = [*text.split("\n"), ""]
    levels = [len(line) - len(line.lstrip(" ")) for line in lines]
    filled = []
    for number, line in enumerate(lines[:-1]):
        filled.append(line)
        if line.endswith(" :") and levels[number + 1] <= levels[number]:
            filled.append(" " * (levels[number] + 1) + "pass")
    return "\n".join(filled)


def test_no_source_of_the_project_loses_anything_else():
    """Looser in what it takes for told than the code, and so blind there; strict on all the rest."""
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        assert tree_of(filled(behaviour_of(path))) == tree_of(path.read_text(encoding="utf-8")), path


NAMES = st.sampled_from(["x", "é", "log"])
TEXTS = st.text("a\"'\\#\n\t\x0c\u2028 é{}", max_size=6)
VALUES = st.one_of(NAMES, TEXTS.map(repr), TEXTS.map(lambda text: f'f"{{x}}" {text!r}'), st.just('"""é\n  # \n"""'))
SIMPLE = st.one_of(
    st.tuples(NAMES, VALUES).map(" = ".join),
    VALUES.map("print({})".format),
    VALUES.map("raise Refused({}) from x".format),
    VALUES.map("raise KeyError({})".format),
    VALUES,
)
LINES = st.tuples(SIMPLE, st.sampled_from(["", "  # é", "\n", " \\\n", "\n\x0c\n# \x0c\n"])).map("".join)


@given(st.lists(LINES, min_size=1, max_size=4), st.lists(LINES, min_size=1, max_size=4))
def test_of_any_source_all_the_rest_is_left(inner, outer):
    source = "if x:\n" + "".join(f"    {line}\n" for line in inner) + "".join(f"{line}\n" for line in outer)
    try:
        ast.parse(source)
    except SyntaxError:
        return
    assert tree_of(filled(behaviour(source))) == tree_of(source)


def test_another_encoding_is_another_text(tmp_path):
    for name, first in (("utf8.py", b""), ("latin.py", b"# coding: latin-1\n")):
        (tmp_path / name).write_bytes(first + 'x = "é"\n'.encode())
    assert behaviour_of(tmp_path / "utf8.py") == 'x = "é"\n'
    assert behaviour_of(tmp_path / "latin.py") == 'x = "Ã©"\n'


@pytest.mark.parametrize("content", [b"x = (\n", b"x = '\xff'\n", b"x = 1\0\n", b"# coding: nonsense\n"])
def test_a_file_that_is_no_source_is_named(tmp_path, content):
    (tmp_path / "openfer").mkdir()
    (tmp_path / "openfer" / "wrong.py").write_bytes(content)
    with pytest.raises(SyntaxError) as caught:
        dict(sources(tmp_path, ("openfer",)))
    assert caught.value.filename.endswith("openfer/wrong.py")
    assert caught.value.msg


def test_sources_are_all_files_by_their_place(tmp_path):
    for name in ("openfer/data/rows.py", "openfer/__init__.py", "stages/train.py", "docs/readme.py", "stages/run"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1  # one\n", encoding="utf-8")
    assert dict(sources(tmp_path, ("openfer", "stages"))) == {
        Path("openfer/__init__.py"): "x = 1\n",
        Path("openfer/data/rows.py"): "x = 1\n",
        Path("stages/train.py"): "x = 1\n",
    }


WHOLE = """
import runpy, sys
from pathlib import Path

for _, text in runpy.run_path(sys.argv[1])["sources"](Path(sys.argv[2]), sys.argv[3:]):
    sys.stdout.buffer.write(text.encode())
"""
FILES = ("openfer/networks", "openfer/training", "pipeline", "tests/pipeline")


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_every_version_of_python_says_the_same(version):
    """The behaviour is in dvc.lock: under one Python nothing becomes stale that another has trained."""
    command = [other_python(version), "-c", WHOLE, code.__file__, str(ROOT), *FILES]
    found = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert found == "".join(text for _, text in sources(ROOT, FILES))


def other_python(version: str) -> str:
    """Return a Python of a version, on the path or from pyenv."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        pytest.skip("this one")
    places = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin"))
    places += [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    for python in (place / f"python{version}" for place in places):
        if python.is_file() and subprocess.run([python, "-V"], capture_output=True, check=False).returncode == 0:
            return str(python)
    pytest.skip(f"no Python {version} here")
