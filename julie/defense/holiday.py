"""Holiday: no entries on the days when nobody is there, smaller ones when few are.

Twelve rows by trading date stand in `julie.core.holidays`. `closed`: no entry the whole trading
day, though the exchange may open for a part of it; `deny`: no entry in the row's hours;
`context`: half size, marked. Open positions keep their plan and the early-close rule.
"""

from julie.core.holidays import Effect
from julie.core.section import key
from julie.defense.base import Candidates, Params, Reason, Verdicts, View, deny, judge, scale
from julie.market.columns.events import holiday_effect, holiday_row

CONTEXT, DENY, CLOSED = map(int, (Effect.CONTEXT, Effect.DENY, Effect.CLOSED))


class P(Params):
    """Numbers of the rule."""

    context_scale: float = key(0.5, "size on days of context", "x", gt=0, le=1)


@judge(name="holiday", columns=(holiday_effect(), holiday_row()), params=P, numbers=("row",))
def holiday(c: Candidates, p: View) -> Verdicts:
    effect, row = c.holiday_effect, c.holiday_row
    return (
        deny(effect == CLOSED, Reason.HOLIDAY_CLOSED, row)
        .then(deny(effect == DENY, Reason.HOLIDAY_DENY, row))
        .then(scale(effect == CONTEXT, p.context_scale, Reason.HOLIDAY_CONTEXT, row))
    )
