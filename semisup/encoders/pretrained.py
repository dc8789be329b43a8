"""A pretrained encoder of `transformers` as a function of rows of waveforms (PyTorch)."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from semisup.encoders.pooling import Pooling
from semisup.encoders.transformers_models import Layer, Source, TransformersEncoder
from semisup.encoders.windows import Window, batched
from semisup.networks.rows import LazyRows, in_order

#: Under the root of a deviation: its gradient is infinite at 0.
FLOOR = 1e-12


class Described(NamedTuple):
    """What finds an encoder again: a file of it is what a cell is given.

    Parameters
    ----------
    source : Source
    layer : int, "last" or "mean"
    pooling : {"mean", "mean_std", "max"}
    seconds : float
        Of the longest waveform.
    batch_size : int
        Waveforms that go through the encoder at once.
    """

    source: Source
    layer: Layer
    pooling: Pooling
    seconds: float
    batch_size: int

    def written(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        source = {**self.source._asdict(), "base": str(self.source.base.absolute())}
        return {**self._asdict(), "source": source}

    @classmethod
    def read(cls, path: Path) -> "Described":
        """Return what was written."""
        content = json.loads(path.read_text(encoding="utf-8"))
        source = content.pop("source")
        return cls(Source(**{**source, "base": Path(source["base"])}), **content)


class Pretrained:
    """The encoder as it was trained: rows of waveforms in, pooled frames out.

    Rows are (n, samples), each filled up with NaN after its last sample.
    """

    def __init__(self, described: Described) -> None:
        self.described = described
        # gradients of float16 vanish
        source = described.source._replace(float16=False)
        self.waveforms = TransformersEncoder(source, described.layer, described.seconds)
        self.encoder = self.waveforms.model.encoder

    def codes(self, rows: LazyRows, batch_size: int) -> np.ndarray:
        """Return the codes of rows, (n, size), float32."""
        return self.outputs(rows, batch_size, lambda codes: codes)

    def outputs(self, rows: LazyRows, size: int, function: Callable[[Any], Any]) -> np.ndarray:
        """Return what a function makes of the codes of rows, without gradients."""
        import torch

        batches = []
        with torch.no_grad():
            for batch in in_order(rows, np.arange(len(rows)), size):
                places, outputs = zip(
                    *((places, function(codes)) for places, codes in self.pooled(batch)),
                    strict=True,
                )
                order = np.argsort(np.concatenate(places))
                batches.append(torch.cat(outputs).float().cpu().numpy()[order])
        return np.concatenate(batches)

    def pooled(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, Any]]:
        """Yield places of rows of like length, and the pooled frames of these."""
        import torch

        lengths = np.isfinite(rows).sum(axis=1)
        order = np.argsort(lengths, kind="stable")
        waveforms = (Window(int(n), rows[n, : lengths[n]]) for n in order)
        groups = batched(waveforms, self.described.batch_size, self.waveforms.stretch)
        frames_of = self.waveforms.model.family.frames
        for group in groups:
            (layer,) = self.waveforms.layers([w.samples for w in group], self.encoder)
            frames = [frames_of(layer[n], len(w.samples)) for n, w in enumerate(group)]
            codes = torch.stack([self._over_time(each) for each in frames])
            yield np.array([window.owner for window in group]), codes

    def _over_time(self, frames: Any) -> Any:
        import torch

        if self.described.pooling == "max":
            return frames.amax(dim=0)
        mean = frames.mean(dim=0)
        if self.described.pooling == "mean":
            return mean
        deviation = frames.var(dim=0, unbiased=False).clamp_min(FLOOR).sqrt()
        return torch.cat([mean, deviation])
