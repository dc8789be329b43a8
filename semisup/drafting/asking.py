"""A guess shown with examples, and on a terminal confirmed or corrected."""

import re
from collections.abc import Callable, Sequence

from semisup.drafting.fields import values_of
from semisup.drafting.source import Ask, examples

#: What is typed where there is no such thing.
NONE = "none"


def asker(tell: Callable[[str], None], prompt: Callable[[str], str] | None) -> Ask:
    """Return who is asked for patterns.

    Parameters
    ----------
    tell : callable
        Shows a line.
    prompt : callable or None
        Asks a question and returns the answer, "" for Enter; None takes every guess as it is.
    """

    def ask(what: str, guess: str | None, paths: Sequence[str]) -> str | None:
        _show(tell, what, guess, paths)
        while prompt is not None:
            answer = prompt(_question(what, guess)).strip()
            if answer in ("", NONE):
                return guess if answer == "" else None
            wrong = _why_wrong(answer, paths)
            if not wrong:
                _show(tell, what, answer, paths)
                return answer
            tell(wrong)
        return guess

    return ask


def _show(
    tell: Callable[[str], None], what: str, pattern: str | None, paths: Sequence[str]
) -> None:
    if pattern is None:
        tell(f"{what}: nothing in the paths tells it, such as {', '.join(paths[:3])}")
        return
    count = len(set(values_of(pattern, paths)) - {""})
    tell(f"{what}: {count} different, found in the paths by {pattern}")
    for path, value in examples(pattern, paths):
        tell(f"  {path} -> {value}")


def _question(what: str, guess: str | None) -> str:
    enter = f"Right? Enter for yes, '{NONE}'" if guess else "Enter for none"
    return f"{enter}, or a pattern with the {what} in ( )"


def _why_wrong(pattern: str, paths: Sequence[str]) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        return f"'{pattern}' is not a regular expression: {error}"
    if groups == 0:
        return f"'{pattern}' has no group in parentheses"
    return "" if any(values_of(pattern, paths)) else f"'{pattern}' finds nothing, as in {paths[0]}"
