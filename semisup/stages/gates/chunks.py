"""Chunk length against the lengths of the recordings: who would be dropped, and what would not."""

from dataclasses import replace

import numpy as np
import pandas as pd

from semisup.features.tails import unequal_sound
from semisup.recordings.durations import samples_of
from semisup.stages.gates.problem import Outlook, Problem, fatal, warning
from semisup.stages.gates.split import unlearnable
from semisup.study.spec import ChunkSpec

#: Share of the recordings that a proposed chunk length keeps; a smaller loss is not worth a word.
KEPT = 0.98
#: What proposals are multiples of, in samples.
ROUND = 1000


def lengths(outlook: Outlook) -> list[Problem]:
    """Say how many recordings are shorter than one chunk, where a representation needs chunks."""
    spec = outlook.study.spec.chunks
    whole = with_chunks(outlook, spec)
    n_all, n_kept = len(outlook.split), len(whole.split)
    if not _needs_chunks(outlook) or n_kept == n_all:
        return []
    lost = _lost(outlook, whole)
    share = f"{n_all - n_kept} of {n_all}" if n_kept else f"All {n_all}"
    said = (
        f"{share} recordings are shorter than one chunk of {spec.chunk_samples} samples at "
        f"{spec.sample_rate} Hz ({spec.chunk_samples / spec.sample_rate:g} s) and would be dropped"
        f"{', among them all of ' + ' and '.join(lost) if lost and n_kept else ''}"
        f"; {_proposal(outlook)}"
    )
    if lost:
        return fatal(said)
    return warning(said) if n_kept < KEPT * n_all else []


def tails(outlook: Outlook) -> list[Problem]:
    """Warn where whole recordings are compared with chunks that leave out their ends."""
    scored = outlook.manifest["recording"].map(outlook.split).isin(("labelled", "test"))
    seconds, spec = outlook.manifest.loc[scored, "seconds"], outlook.study.spec.chunks
    return warning(*unequal_sound(outlook.compared, seconds, spec))


def with_chunks(outlook: Outlook, spec: ChunkSpec) -> Outlook:
    """Return what is left of a split where recordings without a chunk are dropped."""
    if spec.short == "pad":
        return outlook
    samples = samples_of(outlook.manifest["seconds"], spec.sample_rate)
    long_enough = outlook.manifest.loc[samples >= spec.chunk_samples, "recording"]
    return replace(outlook, split=outlook.split[outlook.split.index.isin(long_enough)])


def _needs_chunks(outlook: Outlook) -> bool:
    return any(kind.needs == "chunks" for kind in outlook.kinds.values())


def _lost(outlook: Outlook, whole: Outlook) -> list[str]:
    """Return the classes of a subset that would be gone, and whether encoders could not learn."""
    gone = [
        f"'{label}' in '{subset}'"
        for subset in ("labelled", "test")
        for label in sorted(set(_labels(outlook, subset)) - set(_labels(whole, subset)))
    ]
    needing = {name: kind for name, kind in outlook.kinds.items() if kind.needs == "chunks"}
    if unlearnable(needing, whole.manifest, whole.split):
        gone.append("what encoders would learn from")
    return gone


def _labels(outlook: Outlook, subset: str) -> pd.Series:
    return outlook.of_subset(subset)["label"]


def _proposal(outlook: Outlook) -> str:
    """Name the largest round chunk length that keeps nearly all, if the kinds can work with it."""
    spec = outlook.study.spec.chunks
    samples = np.sort(samples_of(outlook.recordings["seconds"], spec.sample_rate))
    # as many are shorter as may be dropped
    longest = int(samples[int((1 - KEPT) * len(samples))])
    length = longest // ROUND * ROUND
    shorter = ChunkSpec.model_construct(**{**vars(spec), "chunk_samples": length})
    if length < 2 * round(0.05 * spec.sample_rate) or _misfits(outlook, shorter):
        return "short = 'pad' in [chunks] would keep them, with zeros at their ends"
    left = with_chunks(outlook, shorter)
    if _lost(outlook, left):
        return "short = 'pad' in [chunks] would keep them, with zeros at their ends"
    share = len(left.split) / len(outlook.split)
    return f"chunk_samples = {length} would keep {100 * share:.0f} % of them, short = 'pad' all"


def _misfits(outlook: Outlook, spec: ChunkSpec) -> list[str]:
    return [problem for kind in outlook.kinds.values() for problem in kind.misfits(spec)]
