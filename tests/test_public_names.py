"""Every public name is what its docs say: at run time in any order of use, and in an editor."""

import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import semisup

ROOT = Path(__file__).parents[1]
#: Imports every submodule, runs a study that is finished, and tells what each public name is then.
PROGRAM = """
import inspect, json, pkgutil, sys
from importlib import import_module
import semisup
for module in pkgutil.walk_packages(semisup.__path__, "semisup."):
    if module.name != "semisup.__main__":
        import_module(module.name)
semisup.run(sys.argv[1], out=sys.argv[2])
kind = lambda value: "class" if isinstance(value, type) else type(value).__name__
public = {name: getattr(semisup, name) for name in semisup.__all__}
print(json.dumps({
    name: [kind(value), value.__module__, value.__name__, inspect.getdoc(value)]
    for name, value in public.items()
}))
"""
GOOD = """
import numpy as np
import semisup

features: np.ndarray = semisup.Handcrafted(sample_rate=8000).fit_transform([np.zeros(8000)])
codes = semisup.AutoencoderCodes(latent_dim=8, input_scaling="log")
result = semisup.run("study.toml", jobs=2)
"""
BAD = """
import semisup

semisup.Handcrafted(sample_rte=8000)
semisup.AutoencoderCodes(loss="none")
semisup.nothing
"""


class Stub:
    """What `__init__.pyi` says: names from elsewhere with their modules, and classes."""

    def __init__(self) -> None:
        tree = ast.parse((ROOT / "semisup" / "__init__.pyi").read_text("utf-8"))
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        self.homes = {
            alias.asname: node.module for node in imports for alias in node.names if alias.asname
        }
        self.classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


@pytest.fixture(scope="module")
def stub() -> Stub:
    return Stub()


@pytest.fixture(scope="module")
def afterwards(tiny_study, tiny_run) -> dict[str, list[str]]:
    """Sort, module, name and docstring of each name when all submodules have been imported."""
    command = [sys.executable, "-c", PROGRAM, tiny_study, tiny_run.parent]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_the_stub_is_that_of_the_package(stub):
    spec = importlib.util.spec_from_file_location("make_stubs", ROOT / "docs" / "make_stubs.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    text = (ROOT / "semisup" / "__init__.pyi").read_text("utf-8")
    assert text == script.stub(), "run python docs/make_stubs.py"
    assert sorted([*stub.homes, *stub.classes]) == semisup.__all__
    assert (ROOT / "semisup" / "py.typed").exists()


@pytest.mark.parametrize("name", semisup.__all__)
def test_a_name_is_what_its_docs_say_after_everything_is_imported_and_run(name, stub, afterwards):
    kind, module, own_name, docstring = afterwards[name]
    assert kind == ("class" if name[0].isupper() else "function")
    assert docstring
    if name in stub.classes:
        assert (module, own_name) == ("semisup.transformers", name)
        assert docstring.split() == ast.get_docstring(stub.classes[name]).split()
    else:
        value = getattr(semisup, name)
        assert (module, own_name) == (value.__module__, value.__name__)
        assert stub.homes[name].startswith("semisup.")


def test_names_are_listed_and_others_are_not_there():
    assert set(semisup.__all__) < set(dir(semisup))
    for name in ("nothing", "Nothing"):
        with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
            getattr(semisup, name)


@pytest.mark.parametrize(
    "follow", ["skip", pytest.param("silent", marks=pytest.mark.slow)], ids=["stub alone", "all"]
)
def test_a_type_checker_knows_the_public_names(tmp_path, follow):
    (tmp_path / "good.py").write_text(GOOD + "reveal_type(codes.fit_transform([]))\n")
    (tmp_path / "bad.py").write_text(BAD)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file=", f"--follow-imports={follow}",
         f"--cache-dir={tmp_path / 'cache'}", "good.py", "bad.py"],
        cwd=tmp_path, env={**os.environ, "MYPYPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line.split(":")[0] for line in errors] == ["bad.py"] * 3, done.stdout
    assert 'did you mean "sample_rate"?' in errors[0]
    assert "Literal['none']" in errors[1]
    assert 'no attribute "nothing"' in errors[2]
    assert follow == "skip" or "numpy.ndarray" in done.stdout
