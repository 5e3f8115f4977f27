"""Why a candidate of a live run traded or not, as the journal has it: nothing is computed again."""

from datetime import datetime
from typing import Final

from julie.backtest.why import EASTERN, Explained, JudgeSaid
from julie.core.errors import UsageError
from julie.core.events import JudgedCandidate
from julie.core.types import Code, Reason
from julie.core.words import sentence
from julie.core.zones import MINUTE_NS
from julie.live.gathered import Followed, Gathered, gather, runs_asked, symbols_of
from julie.store.journal import JournalReader

NUMBERED: Final = "n{}"


def explain_live(reader: JournalReader, run: str | None, at_ns: int) -> list[Explained]:
    """Every candidate decided at that moment: on the bar that closed then, or that began then."""
    found = gather(reader, runs_asked(reader, run, None))
    rows = [one for one in found.asked if one.ts == at_ns - MINUTE_NS]
    rows = rows or [one for one in found.asked if at_ns - MINUTE_NS < one.ts <= at_ns]
    if not rows:
        raise UsageError(
            f"no candidate was decided at that minute ({_nearest(found, at_ns)})",
            "name another time",
        )
    shifts = _shifts(found, rows[0].ts)
    return [_one(asked, shifts.get(asked.said.symbol, 0.0)) for asked in rows]


def _one(asked: Followed, shift: float) -> Explained:
    said = asked.said
    return Explained(
        said.candidate,
        said.symbol,
        said.strategy,
        int(said.side),
        said.ref_close,
        said.sl_ticks,
        said.tp_ticks,
        said.note,
        shift,
        _outcome(asked),
        tuple(
            _answer(judge, code, said) for judge, code in zip(asked.judges, said.codes, strict=True)
        ),
    )


def _outcome(asked: Followed) -> str:
    said = asked.said
    if asked.trade >= 0:
        return f"trade {asked.trade}"
    if said.outcome is not Reason.NONE:
        return sentence(said.outcome, said.numbers)
    if asked.dropped is not Reason.NONE:
        return f"taken, then: {sentence(asked.dropped)}"
    if asked.sent:
        return f"taken: a {asked.sent} entry was sent; no leg of it is closed"
    return "taken; no order stands in the journal"


def _answer(judge: str, code: Code, said: JudgedCandidate) -> JudgeSaid:
    spoken = next((one for one in said.spoken if one.judge == judge), None)
    if spoken is None:
        return JudgeSaid(judge, code.name.lower(), "", {})
    numbers = {
        NUMBERED.format(place): value
        for place, value in enumerate(spoken.numbers, 1)
        if value == value
    }
    return JudgeSaid(
        judge, code.name.lower(), sentence(spoken.reason, spoken.numbers, judge), numbers
    )


def _shifts(found: Gathered, ts: int) -> dict[str, float]:
    """What columns in prices stand above those traded, by instrument, in that minute."""
    names = symbols_of(found)
    for minute in found.minutes:
        if minute.ts == ts:
            return {names[k]: bar.shift for k, bar in enumerate(minute.bars) if bar is not None}
    return {}


def _nearest(found: Gathered, at_ns: int) -> str:
    if not found.asked:
        return "the run has none at all"
    near = min((one.ts for one in found.asked), key=lambda ts: abs(ts - at_ns))
    when = datetime.fromtimestamp(near // 10**9, EASTERN)
    return f"the nearest is of the bar {when:%Y-%m-%d %H:%M} Eastern"
