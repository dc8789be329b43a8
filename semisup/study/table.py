"""What every table of a study file is: frozen, without keys that nobody declared."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, field_validator

#: Of a number of things, such as draws: ten times what a day of computing could use.
MOST = 1_000_000
#: Of trainings of a network.
MOST_TRAININGS = 1000
#: In Hz: what computes with sound has no more, and filters grow with it.
HIGHEST_RATE = 10_000_000
#: Whole numbers up to it are exact wherever they go.
LARGEST = 2**53


class Table(BaseModel):
    """Base of all tables: frozen, and a key that is not declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    #: Keys that reading writes out before the model gets its table.
    shorthand: ClassVar[tuple[str, ...]] = ()

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_huge(cls, value: Any) -> Any:
        """Refuse whole numbers that no computer counts to, wherever they stand."""
        if isinstance(value, int) and abs(value) > LARGEST:
            raise ValueError(
                f"a whole number is at most {LARGEST} here, got one of {_digits(value)}"
            )
        return value


def _digits(value: int) -> str:
    # Python refuses to write the longest
    return f"{round(value.bit_length() * 0.30103) or 1} digits"
