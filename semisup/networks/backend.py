"""The import of Keras, in one place: repeatable by default, and without start-up messages."""

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
    # TensorFlow warns of every new model's first batches; where it is absent nobody has this logger
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    return keras


def forget_models() -> None:
    """Let Keras count layers from 1 again: a model is the same bytes whatever was built before."""
    if "keras" in sys.modules:
        import_keras().utils.clear_session()


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep what native code writes to standard error, and show it only if the import fails.

    TensorFlow logs two lines before it reads its own log level, so only the descriptor helps.
    """
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as messages:
        os.dup2(messages.fileno(), 2)
        try:
            yield
        except BaseException:
            messages.seek(0)
            os.write(terminal, messages.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
