"""The house: wings import to their left alone, the library knows no DVC and no MLflow, no two modules circle."""

import ast
import re

import pytest

from tests.imports import ROOT, imports

WINGS = (
    "data", "descriptors", "networks", "training", "prediction", "evaluation", "export", "faces", "drawing", "api",
    "app",
)  # fmt: skip
"""From left to right: each may import those before it and the ground floor."""

LIBRARY = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "openfer").rglob("*.py"))
CODE = [
    str(path.relative_to(ROOT))
    for folder in ("openfer", "pipeline", "stages", "report", "crowd", "baselines", "transfer", "search", "sample")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
LONGEST = 50
"""Lines of a function."""


def wing(file: str) -> int:
    """The place of a file's wing from the left; -1 for the ground floor."""
    parts = file.split("/")
    return WINGS.index(parts[1]) if len(parts) > 2 else -1


def test_every_folder_of_the_library_is_a_wing():
    folders = {path.parent.name for path in (ROOT / "openfer").glob("*/__init__.py")}
    assert folders == set(WINGS)


@pytest.mark.parametrize("file", [file for file in LIBRARY if not file.endswith("__main__.py")])
def test_a_wing_imports_only_what_is_left_of_it(file):
    to_the_right = [other for other in imports(file) if other.startswith("openfer/") and wing(other) > wing(file)]
    assert to_the_right == []


@pytest.mark.parametrize("file", LIBRARY)
def test_the_library_knows_neither_pipeline_nor_stages(file):
    assert [other for other in imports(file) if not other.startswith("openfer/")] == []


@pytest.mark.parametrize("file", CODE)
def test_only_tracking_knows_mlflow_and_no_code_knows_dvc(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    foreign = {name.split(".")[0] for name in names} & {"mlflow", "dvc"}
    assert foreign <= ({"mlflow"} if file.startswith("pipeline/") or file.endswith("mlflow_model.py") else set())


def test_no_modules_import_each_other_in_a_circle():
    graph = {file: set(imports(file)) - {file} for file in CODE}
    while graph:
        free = {file for file, others in graph.items() if not others & graph.keys()}
        assert free, f"a circle among {sorted(graph)}"
        graph = {file: others for file, others in graph.items() if file not in free}


@pytest.mark.parametrize("file", CODE)
def test_functions_and_files_can_be_read_in_one_sitting(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    long = [
        f"{node.name} {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > LONGEST
    ]
    assert long == []
    assert text.count("\n") <= 310


def test_tests_mirror_the_code_folder_by_folder():
    others = {"pipeline", "stages", "report", "crowd", "baselines", "transfer", "search", "sample", "docs"}
    folders = {f"openfer/{name}" for name in WINGS} | others
    for folder in folders:
        tests = ROOT / "tests" / folder.removeprefix("openfer/")
        assert list(tests.glob("test_*.py")), f"no tests of {folder}"


def test_a_duplicate_is_called_a_duplicate():
    for file in CODE:
        assert not re.search(r"\btwins?\b", (ROOT / file).read_text(encoding="utf-8")), file
