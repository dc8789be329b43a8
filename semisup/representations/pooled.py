"""Another representation's chunks pooled to a recording: their mean, or mean and deviation."""

from typing import Literal

import pandas as pd
from pydantic import Field

from semisup.features.contract import Inputs
from semisup.representations._derived import pooled
from semisup.study.spec import RepresentationSpec

LEVEL = "recording"
NEEDS = "tables"
MODELS: tuple[str, ...] = ()


class Options(RepresentationSpec):
    """Keys of a representation of this kind."""

    kind: Literal["pooled"]
    of: str = Field(description="the representation whose chunks are pooled")
    pooling: Literal["mean", "mean_std"] = Field(
        "mean", description="votes of chunks are what the representation itself is scored by"
    )


def parents(options: Options) -> list[str]:
    """Return the representations that it is made of."""
    return [options.of]


def extract(options: Options, inputs: Inputs) -> pd.DataFrame:
    """Pool the chunks of every recording of the table."""
    return pooled(inputs.tables[options.of], options.pooling == "mean_std")
