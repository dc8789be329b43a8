"""The list of `semisup check` on the terminal."""

from semisup.engine.console import print_to, results
from semisup.stages.preflight import Findings

#: How a line is printed, by how bad its problem is.
_TONES = {"fatal": "wrong", "warning": "caution", "left out": "caution"}


def tell(findings: Findings) -> None:
    """Print all problems, what the study will take, and whether it can run."""
    for problem in findings.problems:
        print_to(results(), str(problem), _TONES.get(problem.severity, ""))
    if findings.cost:
        print_to(results(), f"cost: {findings.cost}")
    print_to(results(), findings.summary(), "wrong" if findings.fatal else "good")
