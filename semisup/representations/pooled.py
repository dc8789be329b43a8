"""Another representation's chunks pooled to a recording: their mean, or mean and deviation."""

from collections.abc import Mapping
from typing import Literal

import pandas as pd
from pydantic import Field

from semisup.features.contract import Representation
from semisup.features.inputs import Inputs
from semisup.representations._derived import pooled
from semisup.study.spec import RepresentationSpec


class Options(RepresentationSpec):
    """Keys of a representation of this kind."""

    kind: Literal["pooled"]
    of: str = Field(description="the representation whose chunks are pooled")
    pooling: Literal["mean", "mean_std"] = Field(
        "mean", description="votes of chunks are what the representation itself is scored by"
    )


class Pooled(Representation[Options]):
    """The table of another representation, a row a recording."""

    Options = Options
    needs = "tables"

    def parents(self) -> list[str]:
        """Return the representation that it is made of."""
        return [self.options.of]

    def made_of(self, replaced: Mapping[str, str]) -> RepresentationSpec:
        """Return the options of pooling another representation."""
        return self.options.model_copy(update={"of": replaced[self.options.of]})

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Pool the chunks of every recording of the table."""
        return pooled(inputs.tables[self.options.of], self.options.pooling == "mean_std")
