"""An encoder of `transformers` that goes on learning, with a layer of classification (PyTorch).

Only its transformer layers learn: what is before them (convolutions, positions) and the last
normalisation stay. All that is random comes from (seed, epoch), in a generator that nothing else
uses, and a processor computes on one thread, so that sums have one order.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.encoders.folder import layer_count
from semisup.encoders.pretrained import Described, Pretrained
from semisup.errors import SpecError
from semisup.networks.loop import AfterEpoch, Learn, Measures, Stop, Validate, train_epochs
from semisup.networks.rows import LazyRows
from semisup.networks.training import Batch

#: Names of what holds the transformer layers of a model.
LAYERS = ("layers", "layer")


class Head(NamedTuple):
    """A layer of classification: moments that it standardises codes by, weights and dropout."""

    mean: np.ndarray
    variance: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    dropout: float


class Tunable(Pretrained):
    """A copy of an encoder with a layer of classification: what a trainer is to the others.

    Parameters
    ----------
    described : Described
    head : Head
        The layer as it learned from the codes of the frozen encoder.
    frozen : int
        Transformer layers that stay, from the input on.

    Attributes
    ----------
    learning_rate : float
        Of the next updates (AdamW).
    """

    def __init__(self, described: Described, head: Head, frozen: int) -> None:
        import torch

        super().__init__(described)
        # the one in memory is shared by all fits of this process
        self.encoder = deepcopy(self.encoder).eval().requires_grad_(requires_grad=False)
        device = self.waveforms.model.device
        self.mean = torch.tensor(head.mean.ravel(), device=device)
        self.deviation = torch.tensor(np.sqrt(head.variance.ravel()), device=device)
        self.dropout = torch.nn.Dropout(head.dropout).eval()
        self.linear = torch.nn.Linear(*head.kernel.shape, device=device)
        with torch.no_grad():
            self.linear.weight.copy_(torch.tensor(head.kernel.T))
            self.linear.bias.copy_(torch.tensor(head.bias))
        self.released = transformer_layers(self.encoder, described.source.model)[frozen:]
        for layer in self.released:
            layer.requires_grad_(requires_grad=True)
        learning = [*self.linear.parameters()]
        learning += [weight for layer in self.released for weight in layer.parameters()]
        self.learning, self.learning_rate = learning, 0.0
        self.optimizer: Any = self  # whose learning_rate an epoch sets
        self.trainable_variables = learning

    def fit(
        self,
        learn: Learn,
        validate: Validate,
        stop: Stop,
        label: str,
        *,
        after_epoch: AfterEpoch | None = None,
        quiet: bool = False,
    ) -> pd.DataFrame:
        """Train in place and keep the best epoch; see `semisup.networks.training.Trainer`."""
        import torch

        self.steps = torch.optim.AdamW(self.learning)
        both: Any = self  # model and optimizer of the loop
        return train_epochs(both, both, stop, learn, validate, None, label, after_epoch, quiet)

    def build(self, variables: list[Any]) -> None:
        """Do nothing: `fit` makes the optimizer anew."""

    def learn(self, batches: Iterator[Batch], seed: int, epoch: int) -> Measures:
        """Take a step a batch, with dropout by (seed, epoch); average what the steps measure."""
        import torch

        # 63 bits: PyTorch's seeds are signed
        torch.manual_seed(
            int(
                np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0]
                >> np.uint64(1)
            )
        )
        for group in self.steps.param_groups:
            group["lr"] = self.learning_rate
        self._dropping(drops=True)
        measures = self._averaged(batches, self._step)
        self._dropping(drops=False)
        return measures

    def measure(self, batches: Iterator[Batch]) -> Measures:
        """Average the measures over batches, without dropout."""
        import torch

        with torch.no_grad():
            return self._averaged(batches, self._losses)

    def logits(self, rows: LazyRows, batch_size: int) -> np.ndarray:
        """Return one number a class for rows, (n, n_classes)."""
        return self.outputs(rows, batch_size, self._classified)

    def get_weights(self) -> list[np.ndarray]:
        """Return what learns: the layer's weights, then those of the released layers."""
        return [weight.detach().cpu().numpy().copy() for weight in self.learning]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Set what learns."""
        import torch

        with torch.no_grad():
            for weight, values in zip(self.learning, weights, strict=True):
                weight.copy_(torch.tensor(values))

    def _classified(self, codes: Any) -> Any:
        return self.linear(self.dropout((codes - self.mean) / self.deviation))

    def _dropping(self, *, drops: bool) -> None:
        """Let what learns drop units; the rest never does, nor are frames or layers left out."""
        for module in (self.dropout, *self.released):
            module.train(drops)

    def _step(self, rows: np.ndarray, targets: np.ndarray) -> Counter[str]:
        self.steps.zero_grad()
        measured = self._losses(rows, targets)
        self.steps.step()
        return measured

    def _losses(self, rows: np.ndarray, targets: np.ndarray) -> Counter[str]:
        """Sum loss and hits over rows; gradients too, a group at a time, where there are any."""
        import torch

        sums: Counter[str] = Counter()
        for places, codes in self.pooled(rows):
            logits = self._classified(codes)
            wanted = torch.tensor(targets[places], dtype=logits.dtype, device=logits.device)
            loss = -(wanted * logits.log_softmax(dim=1)).sum()
            if loss.requires_grad:
                (loss / len(rows)).backward()
            hits = (logits.argmax(dim=1) == wanted.argmax(dim=1)).sum()
            sums.update({"loss": float(loss.detach()), "accuracy": float(hits)})
        return sums

    @staticmethod
    def _averaged(
        batches: Iterator[Batch], step: Callable[[np.ndarray, np.ndarray], Counter[str]]
    ) -> Measures:
        sums: Counter[str] = Counter()
        count = 0
        for batch in batches:
            # what fills a batch up does not count
            rows = len(batch.targets) if batch.rows is None else batch.rows
            sums.update(step(np.asarray(batch.inputs)[:rows], batch.targets[:rows]))
            count += rows
        return {name: value / count for name, value in sums.items()}


def transformer_layers(encoder: Any, model: str) -> list[Any]:
    """Return the transformer layers of an encoder, from the input on.

    Raises
    ------
    SpecError
        If there are none that are known.
    """
    import torch

    count = (layer_count(encoder.config.to_dict()) or 0) - 1
    for name, module in encoder.named_modules():
        is_list = isinstance(module, torch.nn.ModuleList) and len(module) == count
        if is_list and name.rpartition(".")[2] in LAYERS:
            return list(module)
    raise SpecError(f"'{model}' cannot be trained on: its transformer layers are not known")
