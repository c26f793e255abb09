"""The rules of the house: who may import whom, what files are called, and what the documents say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from baselines import baselines, course_sigmoid_mlp, neighbours, overhead, products, slowed

from harness.catalogue import ROOT, frameworks, lessons
from harness.columns import COLUMNS
from harness.runtime import FOLDER, runtimes

PROJECT = Path(__file__).parents[1]
STANDARD = set(sys.stdlib_module_names)
OWN = {
    "numpy": {"onnx"},
    "torch": {"torch"},
    "keras": {"keras", "tensorflow"},
    "jax": {"jax", "flax", "optax", "jax2onnx"},
}
TOOLS = {"numpy", "scipy", "pandas", "matplotlib", "safetensors", "psutil", "filelock", "rich", "click", "pytest"}
TOOLS |= {"impls", "harness", "statsmodels", "threadpoolctl"}
ONNX = {"onnx", "onnxruntime"}
BESIDE_DIFFERENCES = ("impls.tensors.conditions", "impls.tensors.pages")  # what all files of differences share
OF_LESSONS = {"numpy", "impls.spec", "impls.operations", "impls.data", "impls.made"}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = str(node.module)
            # ``from impls import data`` imports impls.data
            found |= {f"{module}.{alias.name}" for alias in node.names} if module in ("impls", "harness") else {module}
    return found


def foreign(path: Path, allowed: set[str]) -> set[str]:
    """What a file imports beyond the standard library and the modules (with all below them) that it may."""
    return {
        name
        for name in imports(path)
        if name.split(".")[0] not in STANDARD and not any(name == a or name.startswith(f"{a}.") for a in allowed)
    }


def test_spec_and_data_know_no_framework_and_no_harness():
    assert foreign(ROOT / "spec.py", {"numpy", "impls.operations"}) == set()  # the latter for its types alone
    assert foreign(ROOT / "operations.py", {"numpy", "impls.spec"}) == set()
    for path in ROOT.glob("*/*/differences.py"):
        assert foreign(path, {"numpy", "impls.operations", "impls.spec", *BESIDE_DIFFERENCES}) == set(), path
    for module in BESIDE_DIFFERENCES:
        path = PROJECT.joinpath(*module.split(".")).with_suffix(".py")
        assert foreign(path, {"numpy", "impls.spec"}) == set(), path
    assert foreign(ROOT / "deviations.py", {"impls.spec"}) == set()
    assert foreign(ROOT / "data.py", {"numpy", "impls.spec"}) == set()
    assert foreign(ROOT / "made.py", {"numpy", "impls.spec"}) == set()


@pytest.mark.parametrize("lesson", lessons().values(), ids=lambda lesson: lesson.name)
def test_lessons_are_numbers_alone(lesson):
    assert foreign(lesson.folder / "lesson.py", OF_LESSONS) == set()


@pytest.mark.parametrize("framework", frameworks())
def test_learners_and_implementations_know_their_own_framework_alone(framework):
    """Neither another framework nor another lesson, nor the harness, the clock or the environment."""
    allowed = {"numpy", "impls.spec", "impls.inner", *OWN[framework]}
    allowed |= {f"impls.learners.{path.stem}" for path in ROOT.glob(f"learners/{framework}_*.py")}
    files = [*ROOT.glob(f"learners/{framework}_*.py"), *ROOT.glob(f"*/*/*_{framework}.py")]
    assert len(files) > len({lesson.folder for lesson in lessons().values()})
    for path in files:
        below = path.stem.removeprefix("keras_on_")  # what runs Keras, if it is a framework here
        beside = {f"impls.learners.{other.stem}" for other in ROOT.glob(f"learners/{below}_*.py")}
        assert foreign(path, allowed | OWN.get(below, set()) | beside) == set(), path
        assert not imports(path) & {"os", "time", "subprocess", "random"}, path


HARNESS = sorted((PROJECT / "harness").rglob("*.py"))


ADAPTERS = {path for path in HARNESS if path.parent == FOLDER and path.stem.endswith("_runtime")}


@pytest.mark.parametrize("name", runtimes())
def test_an_adapter_knows_its_own_runtime_alone(name):
    """Its packages and NumPy, what an adapter is, and another adapter's class where it is built on that."""
    path = FOLDER / f"{name}_runtime.py"
    packages = set(runtimes()[name].packages)
    beside = {
        f"harness.runtimes.{each.stem}" for each in ADAPTERS if name.startswith(each.stem.removesuffix("_runtime"))
    }
    assert foreign(path, {"numpy", "harness.runtime", "impls.spec", *packages, *beside}) == set()


def test_adapters_are_found_by_their_names():
    assert {f"{name}_runtime" for name in runtimes()} == {path.stem for path in ADAPTERS}
    assert len(ADAPTERS) >= 8


@pytest.mark.parametrize(
    "path", [path for path in HARNESS if path not in ADAPTERS], ids=lambda p: f"{p.parent.stem}.{p.stem}"
)
def test_the_harness_imports_no_framework(path):
    """Not even inside a function; ONNX and its runtime in the files that are called onnx_… alone."""
    assert foreign(path, TOOLS | (ONNX if path.stem.startswith("onnx_") else set())) == set()


def test_what_measures_knows_nobody_who_judges_or_shows():
    paths = [*PROJECT.glob("harness/children/*.py"), PROJECT / "harness" / "parity.py"]
    assert len(paths) > 20
    for path in paths:
        assert not [name for name in imports(path) if name.startswith(("harness.gates", "harness.views"))], path


def test_the_plan_imports_little():
    """``lessonbench list`` shall answer at once."""
    modules = ("catalogue.py", "plan.py", "__main__.py", "__init__.py")
    for path in [PROJECT / "harness" / name for name in modules] + sorted(PROJECT.glob("harness/cli/*.py")):
        top = ast.parse(path.read_text(encoding="utf-8")).body
        names = {name for node in top for name in imports_of(node)}
        assert not names & {"pandas", "rich", "psutil", "harness.run", "harness.report"}, path


def imports_of(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {str(node.module)} if isinstance(node, ast.ImportFrom) else set()


def test_no_file_shadows_a_package_or_hides_in_a_drawer():
    taken = {"torch", "numpy", "keras", "jax", "tensorflow", "utils", "common", "helpers", "base", "misc"}
    files = [path for folder in ("impls", "harness", "tests") for path in (PROJECT / folder).rglob("*.py")]
    assert len(files) > 30
    assert [path for path in files if path.stem in taken] == []


def test_files_stay_small():
    """A net is read in a minute, a learner in five; of operations, one looks up a single one."""
    bounds = {"*/*/*_numpy.py": 100, "*/*/*_*.py": 60, "*/*/lesson.py": 70, "learners/*_learner.py": 200}
    for pattern, most in reversed(bounds.items()):
        for path in ROOT.glob(pattern):
            length = len(path.read_text(encoding="utf-8").splitlines())
            looked_up = path.parent.parent.name == "tensors"
            assert length <= (100 if path.stem.endswith("_numpy") or looked_up else most), path
    for path in HARNESS:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 250, path


def test_every_column_is_described_and_no_other():
    """results/README.md and the code hold the same columns, table by table, in the same order."""
    text = (PROJECT / "results" / "README.md").read_text(encoding="utf-8")
    beside = {"baselines.csv": baselines.COLUMNS, "overhead.csv": overhead.COLUMNS}
    beside |= {"neighbours.csv": neighbours.COLUMNS, "slowed.csv": slowed.COLUMNS, "products.csv": products.COLUMNS}
    beside |= {"course_sigmoid_mlp.csv": course_sigmoid_mlp.COLUMNS}
    for name, columns in {**COLUMNS, **beside}.items():
        section = re.split(r"^## ", text, flags=re.MULTILINE)
        (mine,) = [part for part in section if part.startswith(f"`{name}`")]
        assert tuple(re.findall(r"^\| `(\w+)` \|", mine, flags=re.MULTILINE)) == columns, name


README = (PROJECT / "README.md").read_text(encoding="utf-8")
PRINTED = re.findall(r"<!-- lessonbench (.+?) -->\n(.*?)<!-- end -->", README, flags=re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), PRINTED, ids=[command for command, _ in PRINTED])
def test_a_table_of_the_readme_is_what_the_command_above_it_prints(command, shown, lessonbench):
    printed = lessonbench(*command.split(), cwd=PROJECT)
    assert shown.strip() == printed.stdout.strip() != ""


def test_the_readme_has_every_folder_of_lessons():
    chapters: dict[str, set[str]] = {}
    for lesson in lessons().values():
        chapters.setdefault(lesson.chapter, set()).add(lesson.folder.name)
    table = README.split("## The lessons", 1)[1]
    rows = dict(re.findall(r"^\| (\w+) \| (.+) \|$", table, flags=re.MULTILINE))
    assert {name: set(re.findall(r"`(\w+)`", rows[name])) for name in chapters} == chapters


def test_the_readme_has_tables():
    assert len(PRINTED) == README.count("<!-- end -->") == 3


@pytest.mark.parametrize(
    "work",
    [
        "harness.cli.main import main\ntry: main(['list'])\nexcept SystemExit: pass",
        "harness.children.serving import start",
    ],
)
def test_what_starts_often_imports_no_framework_and_no_pandas(work):
    """The list, and a child before its learner; proved in a fresh process, where importing one would show."""
    code = (
        f"import sys; from {work}\n"
        "heavy = {'torch', 'tensorflow', 'keras', 'jax', 'flax', 'optax', 'onnx', 'onnxruntime', 'pandas'}\n"
        "heavy |= {'matplotlib', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"
