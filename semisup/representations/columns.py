"""Some columns of another representation: one layer of an encoder, or one group of features."""

from collections.abc import Mapping
from typing import Literal

import pandas as pd
from pydantic import Field

from semisup.errors import TableError, nearest
from semisup.features.inputs import Inputs
from semisup.features.tables import feature_names
from semisup.representations._derived import pooled
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.study.spec import RepresentationSpec


class Options(BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["columns"]
    of: str = Field(description="the representation that has them; its chunks are averaged")
    begin: str = Field(min_length=1, description="what their names begin with, such as `layer_07_`")


class Columns(SpeakerNormalised[Options]):
    """Columns by the beginning of their names, normalised by speaker where that is asked for."""

    Options = Options
    needs = "tables"

    def parents(self) -> list[str]:
        """Return the representation that has the columns."""
        return [self.options.of]

    def made_of(self, replaced: Mapping[str, str]) -> RepresentationSpec:
        """Return the options of the same columns of another representation."""
        return self.options.model_copy(update={"of": replaced[self.options.of]})

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return the columns.

        Raises
        ------
        TableError
            If none has such a name.
        """
        options = self.options
        table = inputs.tables[options.of]
        names = [name for name in feature_names(table) if name.startswith(options.begin)]
        if not names:
            raise TableError(
                f"No column of '{options.of}' begins with '{options.begin}'; "
                f"{nearest(options.begin, feature_names(table))}"
            )
        table = pooled(table[["recording", "chunk", *names]], False)
        rows = inputs.recordings.set_index("recording").loc[table["recording"]].reset_index()
        return normalised_table(options, rows, table[names].to_numpy(), names)
