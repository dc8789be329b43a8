"""Feature tables that the user brings, read whole: what is wrong with them, and what is odd."""

import pandas as pd

from semisup.errors import SemisupError
from semisup.features import telling
from semisup.features.contract import Representation
from semisup.features.tables import check_table
from semisup.representations.table import TableFromFile
from semisup.stages.gates.problem import Problem, fatal, warning
from semisup.study.study import Study


def tables_of_the_user(
    study: Study, kinds: dict[str, Representation], manifest: pd.DataFrame
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Return the tables by representation, and the problems; of those not there others tell."""
    known, tables, problems = manifest.set_index("recording"), {}, []
    for name, kind in kinds.items():
        if not isinstance(kind, TableFromFile) or kind.unmet(study.base):
            continue
        try:
            table = check_table(kind.read(study.base), name)
        except SemisupError as error:
            problems += fatal(str(error))
            continue
        problems += warning(*telling.warnings(table, name, known["label"], known["speaker"]))
        tables[name] = table
    return tables, problems
