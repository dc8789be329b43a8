"""Write semisup/__init__.pyi: every public name, for editors and type checkers.

Run ``python docs/make_stubs.py``; a test compares the file with the package.
"""

import subprocess
import sys
from pathlib import Path
from textwrap import indent

import semisup
from semisup import transformers
from semisup.features.kinds import kind_class
from semisup.transformers.parameters import REQUIRED, Parameter, parameters_of, written

STUB = Path(semisup.__file__).with_suffix(".pyi")
HEAD = '''"""Every public name of the package.

Made from the package by `python docs/make_stubs.py`.
"""

from typing import Literal
'''


def stub() -> str:
    """Write the whole file, in the style of the repository."""
    homes = vars(semisup)["_HOMES"].items()
    imports = [f"from {home} import {name} as {name}" for name, home in homes]
    imports.append("from semisup.transformers.base import Transformer")
    names = ", ".join(f'"{name}"' for name in sorted(semisup.__all__))
    classes = [class_of(name) for name in transformers.names()]
    top = [HEAD, *sorted(imports), "", "__version__: str", f"__all__ = [{names}]", ""]
    return styled("\n".join([*top, *classes]))


def class_of(name: str) -> str:
    """Write the class of a transformer: what it is, and its parameters."""
    docstring = getattr(semisup, name).__doc__
    parameters = parameters_of(kind_class(transformers.kinds()[name]))
    arguments = "".join(f"        {argument(parameter)},\n" for parameter in parameters)
    return "\n".join(
        [
            f"class {name}(Transformer):",
            indent(f'"""{docstring}"""', "    "),
            "",
            f"    def __init__(\n        self,\n        *,\n{arguments}    ) -> None: ...",
            "",
        ]
    )


def argument(parameter: Parameter) -> str:
    """Write a parameter with its type and default."""
    text = f"{parameter.name}: {written(parameter.annotation)}"
    return text if parameter.default is REQUIRED else f"{text} = {parameter.default!r}"


def styled(text: str) -> str:
    """Format and sort as the repository's settings of ruff say."""
    for words in (("check", "--fix", "--select", "I"), ("format",)):
        command = [sys.executable, "-m", "ruff", *words, "--quiet", "--stdin-filename", STUB, "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        text = done.stdout
    return text


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
