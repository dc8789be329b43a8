"""Write ERRORS.md: every sentence that an error of the package may say, and what to do about it.

Run ``python docs/make_errors.py``; a test compares the file with the code. The sentences are read
from the code: what is raised, and what joins a list of problems. What stands for a name, a number
or a path of the user's is written as an ellipsis. `errors.toml` has the topics and the advice.
"""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import semisup
from semisup import errors

PACKAGE = Path(semisup.__file__).parent
ADVICE = Path(__file__).with_name("errors.toml")
HEAD = """# Every error

What `semisup` says when something is wrong, and what to do about it where the sentence itself does
not say so. Look for a few words of the sentence, by the search field of the site or of the browser;
an ellipsis stands for names, numbers and paths of yours. Made from the code by
`python docs/make_errors.py`.

A sentence that is not here comes from a library or is a mistake of ours; the terminal then names
the file that has its whole text. `--debug` shows the traceback of any error. Several problems of a
study come in one list.
"""
#: What is raised: our own errors, and what the checks of keys raise for pydantic to pass on.
RAISED = {
    *(name for name, value in vars(errors).items() if isinstance(value, type)),
    *("ValueError", "OSError", "FfmpegError"),
}
#: Calls and methods whose argument is a problem.
SAID_BY = {"fatal", "warning", "Problem"}
GATHERED_BY = {"append", "extend", "add"}
GATHERING = {"problems", "mistakes", "warnings"}
#: Functions that return problems, by a word in their names, or by the whole name.
SAYING = ("problem", "mistake", "lacks", "unmet", "why", "warnings")
SAYING_TOO = {"too_few_speakers", "unless_known", "what_instead", "_sentence", "_of_corpus"}
SAYING_TOO |= {"_of_speakers"}
#: Where functions of these names speak of results.
NO_PROBLEMS = ("comparison/verdict", "report", "terminal")
#: Characters of a line, as in all documentation.
WIDTH = 120
WHOLE_WORDS: dict[str, bool] = {"break_long_words": False, "break_on_hyphens": False}
ELLIPSIS = "…"
#: Letters of a template below which it only passes on what another sentence says.
LEAST = 8


class Sentence(NamedTuple):
    """What is said, and the module and line that say it."""

    text: str
    module: str
    line: int


class Texts(ast.NodeVisitor):
    """Sentences of one module.

    Parameters
    ----------
    path : Path
        The module.
    """

    def __init__(self, path: Path) -> None:
        self.module = path.relative_to(PACKAGE.parent).as_posix()
        self.tree = ast.parse(path.read_text("utf-8"))
        self.functions = {
            node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)
        }
        self.assigned: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.assigned.setdefault(node.targets[0].id, []).append(node.value)
        self.sentences: list[Sentence] = []
        self.raised = 0
        self.visit(self.tree)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Take the message of one of our errors."""
        if isinstance(node.exc, ast.Call) and name_of(node.exc.func) in RAISED and node.exc.args:
            self.take(node.exc.args[0])
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Take what becomes a problem, or joins a list of them."""
        name = name_of(node.func)
        gathers = name in GATHERED_BY and name_of(getattr(node.func, "value", None)) in GATHERING
        if name in SAID_BY or gathers:
            for argument in node.args:
                self.take(argument)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Take what a function that returns or yields problems says."""
        if any(word in node.name for word in SAYING) or node.name in SAYING_TOO:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return | ast.Yield) and inner.value is not None:
                    self.take(inner.value)
        self.generic_visit(node)

    def take(self, expression: ast.expr) -> None:
        """Note the sentences that an expression may be."""
        for text in self.texts(expression):
            if sum(letter.isalpha() for letter in text) >= LEAST and " " in text.strip():
                self.sentences.append(Sentence(tidy(text), self.module, expression.lineno))

    def texts(self, expression: ast.expr, depth: int = 0) -> list[str]:
        """Return what an expression may say, "" and an ellipsis where only the run can tell."""
        deeper = depth + 1
        match expression:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=values):
                return ["".join(self.piece(value) for value in values)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                if not (is_text(left) or is_text(right)):  # of lists
                    return [*self.texts(left, depth), *self.texts(right, depth)]
                return [a + b for a in self.texts(left, depth) for b in self.texts(right, depth)]
            case ast.IfExp(body=body, orelse=otherwise):
                return [*self.texts(body, depth), *self.texts(otherwise, depth)]
            case ast.Starred(value=value):
                return self.texts(value, depth)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [text for item in items for text in self.texts(item, depth)]
            case ast.ListComp(elt=item) | ast.GeneratorExp(elt=item):
                return self.texts(item, depth)
            case ast.Name(id=name) if name in self.assigned and depth < 4:
                return [text for value in self.assigned[name] for text in self.texts(value, deeper)]
            case ast.Call(func=ast.Name(id=name)) if name in self.functions and depth < 4:
                return list(self.returned(self.functions[name], deeper))
        return [ELLIPSIS]

    def returned(self, function: ast.FunctionDef, depth: int) -> Iterator[str]:
        """Yield what a function of the module may return."""
        for node in ast.walk(function):
            if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
                yield from self.texts(node.value, depth)

    def piece(self, value: ast.expr) -> str:
        """Write a piece of an f-string: a constant of the module, or an ellipsis."""
        if isinstance(value, ast.Constant):
            return str(value.value)
        inner = value.value if isinstance(value, ast.FormattedValue) else value
        texts = self.texts(inner) if isinstance(inner, ast.Name) else []
        named = isinstance(inner, ast.Name) and inner.id.isupper()
        return texts[0] if named and len(texts) == 1 else ELLIPSIS


def is_text(expression: ast.expr) -> bool:
    """Tell whether an expression is written as a text, and not as a name or a list."""
    return isinstance(expression, ast.Constant | ast.JoinedStr | ast.IfExp)


def name_of(node: ast.AST | None) -> str:
    """Return the last name of what is called."""
    return getattr(node, "attr", None) or getattr(node, "id", "")


def tidy(text: str) -> str:
    """Write a template in one line, ellipses that meet as one."""
    text = " ".join(text.split())
    while ELLIPSIS * 2 in text:
        text = text.replace(ELLIPSIS * 2, ELLIPSIS)
    return text


@cache
def sentences() -> list[Sentence]:
    """List what every module says, each sentence once."""
    paths = (path for path in sorted(PACKAGE.rglob("*.py")) if not of_results(path))
    said = [each for path in paths for each in Texts(path).sentences]
    return list({each.text: each for each in reversed(said)}.values())[::-1]


def of_results(path: Path) -> bool:
    """Tell whether a module speaks of results."""
    return path.relative_to(PACKAGE).as_posix().startswith(NO_PROBLEMS)


def topic_of(module: str, topics: list[dict[str, Any]]) -> str:
    """Find the title of the topic whose module fits best; "" if none fits."""
    name = module.removeprefix("semisup/")
    titles = {prefix: topic["title"] for topic in topics for prefix in topic["modules"]}
    fitting = [prefix for prefix in titles if name == prefix or name.startswith(f"{prefix}/")]
    return titles[max(fitting, key=len)] if fitting else ""


def page() -> str:
    """Write the whole file."""
    notes = tomllib.loads(ADVICE.read_text("utf-8"))
    said = sentences()
    parts = [HEAD]
    for topic in notes["topic"]:
        of_it = [each for each in said if topic_of(each.module, notes["topic"]) == topic["title"]]
        items = "\n".join(
            item_of(text, notes["advice"]) for text in sorted({e.text for e in of_it})
        )
        about = " ".join(topic["advice"].split())
        parts.append(f"## {topic['title']}\n\n{fill(about, WIDTH, **WHOLE_WORDS)}\n\n{items}\n")
    return "\n".join(parts)


def item_of(text: str, advice: list[dict[str, str]]) -> str:
    """Write a sentence, and what to do."""
    do = " ".join(note["do"] for note in advice if note["words"] in text)
    plain = text.replace("`", "'")
    return fill(
        f"- `{plain}`" + (f": {do}" if do else ""), WIDTH, subsequent_indent="  ", **WHOLE_WORDS
    )


if __name__ == "__main__":
    Path(__file__).with_name("ERRORS.md").write_text(page(), encoding="utf-8")
