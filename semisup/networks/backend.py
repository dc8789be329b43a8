"""The one place that imports Keras: repeatable by default, and without start-up chatter."""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType

#: Set before the import, as TensorFlow reads them only then; what the user has set stays.
DEFAULTS = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_DETERMINISTIC_OPS": "1",
}


@cache
def import_keras() -> ModuleType:
    """Import Keras with the backend that ``KERAS_BACKEND`` or its own settings name."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    with _quiet_stderr():
        import keras
    # it warns of every new model's first batches; where TensorFlow is absent this names no one
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    return keras


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Hold back what native code writes to standard error, and show it if the import fails.

    TensorFlow logs two lines before it reads its own log level, so only the descriptor helps.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(kept, held.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
