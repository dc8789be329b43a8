"""A fault of every kind: all tables are those of an undisturbed run once the command comes again.

Seeds are fixed; `make soak` tries others for an hour.
"""

import numpy as np
import pytest

from faults.trials import TRIALS

pytestmark = pytest.mark.slow
#: Trials that are quick, or that nothing else in the tests stands for.
SHORT = (
    *(("kill of the group", "plain"), ("kill of the group", "tuned")),
    *(("disk full", "plain"), ("read-only", "plain"), ("deleted artefacts", "folds")),
    *(("kill of the parent", "plain"), ("Dask worker killed", "plain"), ("two at once", "plain")),
)


@pytest.mark.parametrize(("kind", "study"), SHORT)
def test_a_fault_changes_no_table(bench, kind, study):
    rows = TRIALS[kind][0](bench, study, np.random.default_rng(len(kind)))
    assert rows
    wrong = [str(row.as_data()) for row in rows if not row.is_well]
    assert not wrong, "\n".join(wrong)
