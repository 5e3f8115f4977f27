"""Numbers of a rule or judge: frozen, typed, refusing unknown names; overridable in config.yaml."""

from pydantic import BaseModel, ConfigDict


class Params(BaseModel):
    """Base of every Params class."""

    model_config = ConfigDict(frozen=True, extra="forbid")
