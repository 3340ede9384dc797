"""What of a Python source can change a result: its tokens, less comments, layout, docstrings and what is only told.

DVC compares files byte by byte; a comment would cost a night of training. The stage `code` writes every source as
`behaviour` returns it, and the other stages depend on what it wrote. Only told are

- bare texts: docstrings, and those below an attribute;
- the text of an error of our own, which ends the run; a ValueError may be caught, and its text stand in a report;
- `print` to the terminal, the logger's lines and the progress bar's, where making them up does nothing else.
"""

import ast
import builtins
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("openfer", "pipeline", "stages", "report", "crowd", "baselines", "transfer", "search")
"""Where the code of the stages lies."""

LOG = tuple(f"log.{level}" for level in ("debug", "info", "warning", "error", "exception", "critical"))
BAR = "self.bar.set_postfix"

FUNCTIONS = ("format", "len", "repr", "round", "str", "type")
METHODS = ("exists", "format", "is_file", "max", "mean", "min", "strip", "sum")
"""What may be called where something is told: it neither changes anything nor uses up an iterator."""

CHANGES = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)
"""Expressions that do something beside having a value."""

ITERATES = (ast.Starred, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
"""Expressions that may use up an iterator, or run later."""

Place = tuple[int, int]
"""Line, from 1, and character in it, from 0, as tokenize counts."""


def behaviour(source: str) -> str:
    """Return what a Python source does: a statement per line, a blank between tokens, a blank per indentation.

    Every version of Python gives the same. Sources of which it is the same differ in nothing but what is only told.

    Args:
        source: that can be parsed.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")  # as Python reads it
    told = _told(ast.parse(source), source.split("\n"))
    lines, line, level, behind = [], [], 0, (0, 0)
    for kind, text, place in _tokens(source):
        if kind in (tokenize.INDENT, tokenize.DEDENT):
            level += 1 if kind == tokenize.INDENT else -1
        elif kind == tokenize.NEWLINE:
            lines += [" " * level + " ".join(line) + "\n"] if line else []
            line = []
        elif place in told:
            behind, instead = told[place]
            line += instead
        elif place >= behind:
            line.append(text)
    return "".join(lines)


def behaviour_of(path: Path) -> str:
    """Return what the source in a file does.

    Raises:
        SyntaxError: it cannot be read as text or be parsed; its name is in the error.
    """
    try:
        with tokenize.open(path) as file:  # in the encoding that it names
            return behaviour(file.read())
    except (SyntaxError, ValueError) as error:  # ValueError: bytes that are none of its encoding, or a zero
        line = getattr(error, "lineno", None) or 1
        raise SyntaxError(getattr(error, "msg", str(error)), (str(path), line, None, None)) from error


def sources(root: Path, folders: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """Yield (path relative to `root`, behaviour) of every Python file in and below some folders, in order.

    Raises:
        SyntaxError: as `behaviour_of`.
    """
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root), behaviour_of(path)


def _tokens(source: str) -> Iterator[tuple[int, str, Place]]:
    """Yield kind, text and place of every token but comments and line ends without meaning; an f-string is one."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    opened: list[Place] = []
    for kind, text, start, end, _ in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[kind]
        if name.endswith("STRING_START"):  # since Python 3.12 an f-string is many tokens
            opened.append(start)
        elif name.endswith("STRING_END"):
            start = opened.pop()
            text = source[starts[start[0] - 1] + start[1] : starts[end[0] - 1] + end[1]]
        if not opened and name not in ("COMMENT", "NL", "ENDMARKER"):
            yield kind, text, start


def _told(tree: ast.AST, lines: list[str]) -> dict[Place, tuple[Place, list[str]]]:
    """Return the pieces that are only told: place → the place behind it, and the tokens that stand for it."""
    tellers, told = _tellers(tree), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and _is_own_error(node.exc.func):
            told |= {_place(text, lines): (_end(text, lines), ['""']) for text in node.exc.args if _is_message(text)}
        elif isinstance(node, ast.Expr) and (_is_text(node.value) or _only_tells(node.value, tellers)):
            told[_place(node, lines)] = (_end(node, lines), [])
    return told


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_message(node: ast.AST) -> bool:
    text = _is_text(node) or isinstance(node, ast.JoinedStr)
    return text and not any(isinstance(part, CHANGES) for part in ast.walk(node))


def _is_own_error(function: ast.AST) -> bool:
    """Tell whether this is the name of an error of ours: Refused, or …Error that is none of Python's."""
    name = function.id if isinstance(function, ast.Name) else ""
    return name == "Refused" or (name.endswith("Error") and not hasattr(builtins, name))


def _tellers(tree: ast.AST) -> list[str]:
    """Return what only tells when it is called, as far as the source gives the names no other meaning."""
    bound = [name for node in ast.walk(tree) for name in _bound(node)]
    loggers = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and _makes_logger(node)]
    return [BAR] + ([] if "print" in bound else ["print"]) + (list(LOG) if bound.count("log") == len(loggers) else [])


def _bound(node: ast.AST) -> list[str]:
    """Return the names to which a node gives a meaning."""
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.alias):
        return [node.asname or node.name]
    if isinstance(node, ast.Global | ast.Nonlocal):
        return node.names
    return [name for field in ("name", "arg", "rest") if isinstance(name := getattr(node, field, None), str)]


def _makes_logger(node: ast.Assign) -> bool:
    return ast.unparse(node.targets) == "log" and ast.unparse(node.value) == "logging.getLogger(__name__)"


def _only_tells(node: ast.AST, tellers: list[str]) -> bool:
    """Tell whether a statement prints or logs, and does nothing else."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) not in tellers:
        return False
    if any(keyword.arg in (None, "file") for keyword in node.keywords):  # may be a file that is a result
        return False
    parts = [part for argument in (*node.args, *node.keywords) for part in ast.walk(argument)]
    return all(_is_harmless(part) for part in parts)


def _is_harmless(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return not isinstance(node, CHANGES + ITERATES)
    function = node.func
    return function.attr in METHODS if isinstance(function, ast.Attribute) else ast.unparse(function) in FUNCTIONS


def _place(node: ast.AST, lines: list[str]) -> Place:
    return node.lineno, _characters(lines[node.lineno - 1], node.col_offset)


def _end(node: ast.AST, lines: list[str]) -> Place:
    return node.end_lineno, _characters(lines[node.end_lineno - 1], node.end_col_offset)


def _characters(line: str, size: int) -> int:
    """Return how many characters the first bytes of a line in UTF-8 are; ast counts bytes."""
    return len(line.encode()[:size].decode())
