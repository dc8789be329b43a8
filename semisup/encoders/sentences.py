"""Whatever a model of someone else's raises, as one sentence that names it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from semisup.engine.failures import named_words_of
from semisup.errors import SemisupError, SpecError


@contextmanager
def one_sentence(model: str, what: str) -> Iterator[None]:
    """Turn any error of a library into one sentence, and keep its warnings.

    Parameters
    ----------
    model : str
        As the user named it.
    what : str
        Where it happens, after "failed in".
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SemisupError:
        raise
    # libraries raise whatever they like
    except Exception as error:
        raise SpecError(f"The model '{model}' failed in {what}: {named_words_of(error)}") from error
