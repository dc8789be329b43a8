"""`[importance]`: what features are worth to fitted classifiers, by permuting them."""

from typing import Annotated

from pydantic import Field

from semisup.study.table import Table


class ImportanceSpec(Table):
    """`[importance]`: the drop of the scores where features of the test rows are permuted."""

    systems: list[str] | None = Field(
        None,
        min_length=1,
        description='such as "svm@handcrafted"; if left out all on tables that nothing is learned '
        "for",
    )
    budget: float | None = Field(
        None, gt=0, le=100, description="percentage of labels; the largest of the curve if left out"
    )
    permutations: int = Field(
        1, ge=1, description="of each group and feature, in each draw of the curve"
    )
    features: bool = Field(True, description="every single feature beside the groups")
    groups: dict[str, Annotated[list[str], Field(min_length=1)]] = Field(
        default_factory=dict,
        description='features that are permuted together, by patterns such as "mfcc_*"; if left '
        "out by the first word of their names",
    )
