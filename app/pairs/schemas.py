"""What is sent and shown about pairs."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from app.accounts.scope import Actor
from app.core.crypto import mask_all
from app.core.errors import wrong_value
from app.core.http import Body, ShortText
from app.pairs.models import Pair


class PairKind(StrEnum):
    """Wanted together, or never together."""

    USUAL = "usual"
    BLOCKED = "blocked"


class PairPut(Body):
    """An elder and a caregiver: ``usual`` with a weight, or ``blocked`` with a reason."""

    kind: PairKind
    weight: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = Field(
        1.0, description="of a usual pair: how much it matters that she comes"
    )
    reason: ShortText | None = Field(None, description="needed if blocked", examples=["家属要求更换"])

    @model_validator(mode="after")
    def _blocked_has_a_reason(self) -> "PairPut":
        if self.kind is PairKind.BLOCKED and not self.reason:
            raise wrong_value("a reason for a blocked pair", "不匹配须填写原因")
        if self.kind is PairKind.BLOCKED and "weight" in self.model_fields_set:
            raise wrong_value("a weight only for a usual pair", "仅固定护理员可填权重")
        return self


class PairView(BaseModel):
    """One elder and one caregiver."""

    id: int
    elder_id: int
    caregiver_id: int
    kind: PairKind
    weight: float | None
    reason: str | None
    version: int


def show_pair(pair: Pair, actor: Actor) -> PairView:
    """Return a pair as ``actor`` may see it."""
    kind = PairKind(pair.kind)
    hidden = pair.reason is not None and not actor.sees_personal
    return PairView(
        id=pair.id,
        elder_id=pair.elder_id,
        caregiver_id=pair.caregiver_id,
        kind=kind,
        weight=pair.weight if kind is PairKind.USUAL else None,
        reason=mask_all(pair.reason or "") if hidden else pair.reason,
        version=pair.version,
    )
