"""`[curve] draws` where a precision says how many there are."""

from pydantic import Field, model_validator

from semisup.study.table import Table


class DrawsUntil(Table):
    """`draws = { until, at_least, at_most }`: as many as the scores' precision asks for."""

    until: float = Field(
        gt=0, description="half-width of the interval that the draws leave to each score"
    )
    at_least: int = Field(10, ge=5, description="draws before the first look")
    at_most: int = Field(100, ge=5, description="draws where the precision is not reached")

    @model_validator(mode="after")
    def _is_a_range(self) -> "DrawsUntil":
        if self.at_most < self.at_least:
            raise ValueError(
                f"at_most must be no fewer than at_least ({self.at_least}), got {self.at_most}"
            )
        return self
