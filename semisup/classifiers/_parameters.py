"""Parameters of a study's classifiers, checked before anything is made: what is wrong, in words.

scikit-learn's classifiers declare what their parameters may be, and so do our networks; nothing is
fitted here.
"""

import re
from collections.abc import Mapping

from semisup import registry
from semisup.classifiers._contract import Estimator, Value, build_estimator
from semisup.engine import outside
from semisup.errors import nearest
from semisup.networks.parameters import shown
from semisup.study.spec import ClassifierSpec, TaskName

#: How scikit-learn begins, in all its versions, when a parameter is not what it should be.
_INVALID = re.compile(r"The '(\w+)' parameter of \w+ must be (.*)\. Got .* instead\.", re.DOTALL)
#: Between two things that a parameter may be; a comma also stands within ranges and lists of words.
_OR = re.compile(r"(?:, | or )(?=an? |None|array|\w+-like)")
#: What no study file can write.
_NOT_WRITTEN = ("None", "a callable", "an array-like", "an instance of 'dict'", "a sparse")
_WORDS = {
    "an instance of 'bool'": "true or false",
    "an instance of 'int'": "a whole number",
    "a str": "a word",
}


def wrong_parameters(spec: ClassifierSpec, task: TaskName = "classification") -> list[str]:
    """Return what is wrong with the names and values of a classifier's parameters.

    Parameters
    ----------
    spec : ClassifierSpec
        Of a kind that there is, and that does for the task.
    task : {"classification", "regression"}

    Returns
    -------
    list of str
        A sentence each, without the name of the classifier.
    """
    if not spec.parameters:
        return []
    known = build_estimator(spec.kind, 0, task).get_params()
    unknown = [name for name in spec.parameters if name not in known]
    return [
        *(f"{name} is not one of its parameters; {_hint(name, known)}" for name in unknown),
        *(
            problem
            for name in spec.parameters
            if name in known and (problem := _wrong_value(spec, name, task))
        ),
    ]


def in_words(error: Exception, parameters: Mapping[str, Value]) -> str:
    """Return what an error of a fit says, by the key if it is about the value of a parameter."""
    text = " ".join(str(error).split())
    match = _INVALID.fullmatch(text)
    # of a classifier within another, as in base__C, the last part alone is named
    names = [name for name in parameters if match and name.rpartition("__")[2] == match[1]]
    if match is None or not names:
        return text or type(error).__name__
    value = parameters[names[0]]
    return f"{names[0]} = {shown(value)}: it must be {_allowed(match[2], value)}"


def _hint(name: str, known: Mapping[str, object]) -> str:
    return nearest(name, known) if known else "it has none"


def _wrong_value(spec: ClassifierSpec, name: str, task: TaskName) -> str:
    """Return why a parameter cannot have its value, if it says so by itself."""
    estimator = build_estimator(spec.kind, 0, task)
    value = spec.parameters[name]
    with outside.guarded(registry.classifiers.reference(spec.kind)):
        estimator.set_params(**{name: value})
    if hasattr(estimator, "wrong_values"):  # a network's
        problem = estimator.wrong_values().get(name)
        return f"{name} = {shown(value)}: it {problem}" if problem else ""
    return _refused(estimator, {name: value})


def _refused(estimator: Estimator, parameters: Mapping[str, Value]) -> str:
    """Return what scikit-learn says of the values, as it does at the beginning of every fit."""
    # those that declare nothing, as many of others' do, are only found by fitting them
    if not hasattr(estimator, "_parameter_constraints"):
        return ""
    try:
        estimator._validate_params()  # type: ignore[attr-defined]
    except ValueError as error:
        return in_words(error, parameters)
    return ""


def _allowed(text: str, value: Value) -> str:
    """Say what a parameter may be, without what no study file can write.

    Examples
    --------
    >>> _allowed("a str among {'rbf', 'poly'} or a callable", "rfb")
    "'poly' or 'rbf'; did you mean 'rbf'?"
    >>> _allowed("an int in the range [1, inf) or None", 2.5)
    'a whole number in the range [1, inf)'
    """
    forms = [form for form in _OR.split(text) if not form.startswith((*_NOT_WRITTEN, "array"))]
    forms = [form for form in forms if not form.startswith("an instance of 'numpy")]
    # the order of a set of words changes from run to run
    words = sorted(re.findall(r"'([^']*)'", " ".join(f for f in forms if f.startswith("a str "))))
    said = [_form(form, words) for form in forms] or [text]
    hint = f"; {nearest(value, words)}" if isinstance(value, str) and words else ""
    return " or ".join(said) + (hint if "did you mean" in hint else "")


def _form(form: str, words: list[str]) -> str:
    if form.startswith("a str among"):
        return " or ".join(f"'{word}'" for word in words)
    form = _WORDS.get(form, form)
    return re.sub(r"^an int\b", "a whole number", re.sub(r"^a float\b", "a number", form))
