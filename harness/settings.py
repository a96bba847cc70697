"""What harness.toml and the criteria files are both made of: strict tables, metric names, amounts with units."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from harness.errors import HarnessError
from harness.ranking.measures import Metric


class Strict(BaseModel):
    """Stray keys are refused: a misspelt setting must not be a silent default. So is "500" where a number belongs."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _metric_name(text: str) -> str:
    try:
        return str(Metric.parse(text))
    except HarnessError as error:
        raise ValueError(str(error)) from None


def _amount(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        # pydantic reports only ValueError.
        raise ValueError(f"needs an amount such as '80 %' or 0.8, not {value!r}")  # noqa: TRY004
    return value


MetricName: TypeAlias = Annotated[str, AfterValidator(_metric_name)]
Amount: TypeAlias = Annotated[str | float, BeforeValidator(_amount)]
