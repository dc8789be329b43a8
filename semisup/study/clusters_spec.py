"""`[clusters]`: which recordings lie close together in each representation, and which far out."""

from pydantic import Field

from semisup.study.table import Table


class ClustersSpec(Table):
    """`[clusters]`: whether a representation holds classes or speakers, and its outliers."""

    recordings: int = Field(
        2000, ge=10, description="that are looked at; of more some, by the study's seed"
    )
    neighbours: int = Field(10, ge=1, description="of each recording that are asked")
    outliers: int = Field(10, ge=1, description="of each representation that are listed")
