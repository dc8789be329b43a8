"""What every table of a study file is: frozen, without keys that nobody declared."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """Base of all tables: frozen, and a key that is not declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    #: Keys that reading writes out before the model gets its table.
    shorthand: ClassVar[tuple[str, ...]] = ()
