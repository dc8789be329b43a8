"""The search for an autoencoder: unlabelled chunks in, a table of trials out (`semisup tune`).

A trial is a training from scratch by the very function that the stage `train` calls, with the
study's seed, into a folder of its own: it depends on no other trial (except for when it is pruned),
and its files are those that `train` would make with the same values.
"""

from semisup.tuning.run import run_search
from semisup.tuning.search import Search

__all__ = ["Search", "run_search"]
