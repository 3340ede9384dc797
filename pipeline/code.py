"""What of a Python source can change a result: all but comments, docstrings, blank lines, and what is only told.

DVC compares files byte by byte; a comment would cost a night of training. The stage `code` writes every source without
them, and the other stages depend on what it wrote. The text of an error or of a log line changes no result either.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("openfer", "pipeline", "stages", "report")
"""Where the code of the stages lies."""

Span = tuple[int, int]
"""First character of a piece of a text, and the one behind it."""

TELLS = ("print", "log.", "tqdm.write", "self.bar.set_postfix")
"""How the calls begin that only tell, where they are a statement of their own: terminal, logger, progress bar."""


def behaviour(source: str) -> str:
    """Return a Python source without what cannot change a result.

    Only text is taken away, so that every version of Python gives the same.

    Args:
        source: that can be parsed.
    """
    tree = ast.parse(source)
    starts = _line_starts(source)
    spans = [*_comments(source, starts), *(_span(node, source, starts) for node in _told(tree))]
    kept, position = [], 0
    for first, behind in sorted(spans):
        if first >= position:  # not within one that is gone already
            kept.append(source[position:first])
            position = behind
    source = "".join(kept) + source[position:]
    lines = (line.rstrip() for line in source.splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def sources(root: Path, folders: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """Yield (path relative to `root`, behaviour) of every Python file in and below some folders, in order.

    Raises:
        SyntaxError: a file cannot be parsed; its name is in the error.
    """
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            try:
                yield path.relative_to(root), behaviour(path.read_text(encoding="utf-8"))
            except SyntaxError as error:
                error.filename = str(path.relative_to(root))
                raise


def _told(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield docstrings and other bare texts, the messages of errors, and statements that only tell."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from node.exc.args
        elif isinstance(node, ast.Expr) and (_is_text(node.value) or _tells(node.value)):
            yield node


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _tells(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).startswith(TELLS)


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _comments(source: str, starts: list[int]) -> Iterator[Span]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1]


def _span(node: ast.AST, source: str, starts: list[int]) -> Span:
    """Return where a node stands; ast counts columns in bytes of UTF-8."""

    def place(line: int, column: int) -> int:
        text = source[starts[line - 1] : starts[line]]
        return starts[line - 1] + len(text.encode()[:column].decode())

    return place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)
