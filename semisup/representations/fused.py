"""Other representations side by side, each column scaled; chunks are pooled to mean and deviation.

``handcrafted+code`` in `[curve] representations` is short for one of this kind.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, field_validator

from semisup.features.contract import Representation
from semisup.features.inputs import Inputs
from semisup.representations._derived import pooled, side_by_side
from semisup.study.spec import RepresentationSpec, distinct


class Options(RepresentationSpec):
    """Keys of a representation of this kind."""

    kind: Literal["fused"]
    of: Annotated[list[str], Field(min_length=2, description="representations, in this order")]

    _distinct = field_validator("of")(distinct)


class Fused(Representation[Options]):
    """Tables joined on the recording."""

    Options = Options
    needs = "tables"
    #: Columns of tables as different as these must be scaled, whatever `[curve] scale` says.
    scale = "standard"

    def parents(self) -> list[str]:
        """Return the representations that it is made of."""
        return self.options.of

    def made_of(self, replaced: Mapping[str, str]) -> RepresentationSpec:
        """Return the options of other representations side by side."""
        others = [replaced.get(name, name) for name in self.options.of]
        return self.options.model_copy(update={"of": others})

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Join the tables on the recording."""
        return side_by_side({name: pooled(inputs.tables[name], True) for name in self.options.of})
