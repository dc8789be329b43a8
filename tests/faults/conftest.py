"""One bench of all tests of a process: recordings, studies, undisturbed runs."""

from collections.abc import Iterator

import pytest

from faults.runs import Bench, Warm

#: Read by every Python that starts with its folder on the path, and by no test.
collect_ignore = ["hook"]


@pytest.fixture(scope="session")
def bench(tmp_path_factory) -> Iterator[Bench]:
    warm = Warm()
    yield Bench(tmp_path_factory.mktemp("bench"), warm)
    warm.end()
