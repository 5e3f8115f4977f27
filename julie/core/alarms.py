"""What an alarm asks of the desk and of a person: one table for log, window, notifier and manual.

An alarm itself says what happened; here stands what the desk does about it and what the person
should do. Critical ones are kept and tried again where they cannot be delivered.
"""

from types import MappingProxyType
from typing import Final, NamedTuple


class Advice(NamedTuple):
    """What follows from an alarm."""

    desk: str
    person: str
    critical: bool = False


_RECONCILE: Final = "It comes back by itself; `julie status` tells when."
_PLATFORM: Final = "Look at the platform, bring the account into order, then"
_RESUME: Final = f"{_PLATFORM} `julie resume --reason TEXT`."

ALARMS: Final = MappingProxyType(
    {
        # protection
        "leg_refused": Advice(
            "The stop alone is laid; refused again, the position is closed and the desk halts.",
            "See in the platform that nothing is open without a stop.",
            True,
        ),
        "target_missing": Advice(
            "The stop stays; the target is laid again, or the desk closes at its price.",
            "Nothing, while the stop works.",
        ),
        "brackets_refused": Advice(
            "The desk halts; the refused order is dead.",
            "In the platform: Settings, Risk, enable *Auto OCO Brackets* instead of *Position "
            "Brackets*; then `julie resume --reason TEXT`.",
            True,
        ),
        "cannot_exit": Advice(
            "It keeps trying as a limit order, at most once in 10 seconds.",
            "Call the venue's desk if the market stays shut.",
            True,
        ),
        "not_flat": Advice(
            "What is its own is being closed; what is not is left to who opened it.",
            "Close the position in the platform now; past the flat time the venue liquidates it.",
            True,
        ),
        # orders
        "late_order": Advice(
            "The desk goes on without it: it is taken off, and what it bought is closed.",
            "Nothing; the report has it.",
        ),
        "two_orders": Advice(
            "The desk halts; of the two numbers the first counts.",
            _RESUME,
            True,
        ),
        "ambiguous": Advice(
            "The desk halts: it does not guess which order is its own.",
            _RESUME,
            True,
        ),
        "entry_refused": Advice(
            "No second try in the same bar; three in a row switch the strategy off, five halt.",
            "Read the venue's words; correct what they name.",
        ),
        "not_sent": Advice(
            "The candidate is let go; it is not sent later.",
            "Nothing, unless the words name something that you did not want.",
        ),
        "no_contract": Advice(
            "The order is not sent.",
            "See with `julie contract` which month is traded, and that no position is left in "
            "another.",
        ),
        "close": Advice(
            "Nothing is sent: what was to be closed is closed already, or on its way.", "Nothing."
        ),
        "order_stuck": Advice("It is asked for, then cancelled.", _RECONCILE),
        # reconciliation
        "unknown_position": Advice(
            "As `execution.unknown_position` says: adopted with a stop, closed, or left alone.",
            "If you opened it yourself: close it yourself, or let the desk protect it.",
            True,
        ),
        "missing_leg": Advice("The leg is laid again.", "Nothing, if it happens once."),
        "orphan_order": Advice("The order is cancelled.", "Nothing."),
        "phantom_trade": Advice(
            "The record is closed from the venue's trades.",
            "Nothing, if you closed it yourself.",
        ),
        "size_mismatch": Advice(
            "The venue's size counts; the legs are fitted to it.",
            "If you traded beside the desk: stop one of both.",
            True,
        ),
        "foreign_orders": Advice(
            "Nothing of them is touched; the desk yields.",
            "If they are yours, go on; if not, change the password of the platform.",
        ),
        "two_desks": Advice(
            "The desk halts; nothing is cancelled that belongs to a live plan.",
            "Stop the other one, on whatever machine it runs; then `julie resume --reason TEXT`.",
            True,
        ),
        # connection
        "market_stale": Advice("No entries; stops stay at the venue.", _RECONCILE),
        "market_down": Advice(
            "No entries and no decisions; stops stay at the venue; the stream is built anew.",
            "Nothing for a minute; then look at your network and at status.topstep.com.",
        ),
        "user_down": Advice(
            "No entries; orders and positions are read by REST, each second with a position.",
            "Nothing for a minute; then look at your network and at status.topstep.com.",
        ),
        "venue_down": Advice(
            "No entries; reads are tried again, ever more slowly; no order is sent twice.",
            "See status.topstep.com; with a position open, keep the platform at hand.",
            True,
        ),
        "login_refused": Advice(
            "Three tries, then the desk halts; working stops stay at the venue.",
            "See `julie doctor`; mend it at the venue and `julie resume --reason TEXT`, or restart "
            "with another key.",
            True,
        ),
        "other_login": Advice(
            "The session is renewed and everything reconciled before the next entry.",
            "See whether another program uses this login.",
        ),
        "bad_frames": Advice("They are dropped and counted; the stream is built anew.", _RECONCILE),
        "unreadable": Advice(
            "What cannot be understood counts as unknown: no entry until it is settled; the desk "
            "halts where it may be about an open position.",
            "If it comes again, update julie; the raw text stands in the journal.",
        ),
        # time
        "clock_skew": Advice(
            "Timers use a clock of their own; beyond 5 seconds no entries.",
            "Set the machine's clock: turn on automatic time.",
        ),
        "slept": Advice(
            "Streams are built anew, holes filled, orders reconciled, and only then it decides.",
            "Keep the machine awake while the bot trades.",
        ),
        "loop_stuck": Advice(
            "After 10 seconds it halts until reconciled; the stack is in bot.log.",
            "If it comes again, close what else uses this machine; send bot.log with a report.",
            True,
        ),
        # store
        "journal_unwritable": Advice(
            "The desk halts: no entry without its line on the disk; exits go on from memory.",
            "Make room on the disk; writing goes on by itself.",
            True,
        ),
        # account
        "cannot_trade": Advice(
            "No entries; what protects and closes goes on.",
            "Read in the platform why the account may not trade.",
            True,
        ),
        "limit_reached": Advice(
            "No entries for the rest of the day, or until a person resets the breaker.",
            "Wait for the next day, or `julie resume --reason TEXT` where that is allowed.",
            True,
        ),
        "balance_differs": Advice(
            "The venue's balance counts.", "If the difference stays, compare the fills."
        ),
        "earlier_trades": Advice(
            "What the account made today before the start counts against the limits of the day; no "
            "entry until the desk has heard of it.",
            "Nothing; where the trades cannot be read, look at the day's loss in the platform.",
        ),
        "fee_differs": Advice(
            "The venue's fee is booked.", "Set `execution.fees` to the table of your account."
        ),
        "trade_voided": Advice("The trade is taken off the books at the venue's word.", "Nothing."),
        "liquidated": Advice("The desk halts.", f"{_PLATFORM} wait for the next day.", True),
        "manual_trade": Advice(
            "It yields: what a person did stands, and the plan ends there.",
            "Stop the bot before you trade by hand.",
        ),
        # market
        "contract_differs": Advice(
            "The desk halts: it trades no month that venue and table do not agree on.",
            "`julie contract` shows both; update julie, or wait for the venue to roll.",
            True,
        ),
        "bar_missing": Advice(
            "The desk decides on the part that was heard.",
            "Nothing, if it happens once; else see whether your network drops the stream.",
        ),
        "bar_differs": Advice(
            "The venue's bar counts from now on; decisions made stay, and are marked.", "Nothing."
        ),
        "history_revised": Advice(
            "The columns are made of the venue's bars as they are now.",
            "Compare with `julie parity` where decisions of the day before matter.",
        ),
        "roll": Advice(
            "What is open in the old month is closed first; then it goes on in the new one.",
            "Nothing.",
        ),
        "roll_estimated": Advice(
            "The columns go on without a gap between the months.",
            "`julie fetch` and start again, so that history joins them.",
        ),
        "bad_tick": Advice("It is not believed until a second one agrees.", "Nothing."),
        "hole": Advice("The minutes are fetched, and marked.", "Nothing."),
        # strategies, models, outside data
        "strategy_off": Advice(
            "It is off for the trading day; the others decide as before, its position keeps its"
            " plan.",
            "Read its trace, or the venue's words, in bot.log.",
        ),
        "judge_off": Advice(
            "Nobody whom it is asked about passes it for the rest of the trading day; open"
            " positions keep their plans.",
            "Read its trace in bot.log; `defense.<judge>: off` and a start go on without it.",
        ),
        "column_off": Advice(
            "It has no value for the rest of the trading day, so who reads it is silent; open"
            " positions keep their plans.",
            "Read its trace in bot.log.",
        ),
        "unit_failed": Advice(
            "A strategy does not speak for this bar, a judge lets nobody pass, a column has no"
            " value.",
            "Read its trace in bot.log.",
        ),
        "model_refused": Advice(
            "Its strategies are silent; a table falls back to its root values.",
            "Install the file anew, or calibrate again.",
        ),
        # people and program
        "flatten": Advice(
            "No entries, everything cancelled, everything closed, flat verified.",
            "`julie resume --reason TEXT` when trading should go on; delete STOP if it is there.",
            True,
        ),
        "flat_time": Advice(
            "Working orders are cancelled, positions closed, flat verified; no entries until the"
            " next trading day.",
            "Nothing.",
        ),
        "halted": Advice("It cancels, protects and flattens only.", _RESUME, True),
        "paused": Advice("No entries; positions are managed.", "`julie resume` when you like."),
        "stopping": Advice("No entries; it ends as asked.", "Nothing."),
        "left_open": Advice(
            "It leaves; the stop at the venue protects.",
            "Start again, or close in the platform.",
            True,
        ),
        "config_changed": Advice(
            "An open trade keeps its plan; the change counts from the next entry.", "Nothing."
        ),
        "status_failed": Advice(
            "It trades on; `julie status` shows less than there is.",
            "Read its trace in bot.log; the platform shows the position.",
        ),
        "failed": Advice(
            "Trading stops; working stops stay at the venue.",
            "Read bot.log, then start again: it reconciles first.",
            True,
        ),
    }
)

UNKNOWN: Final = Advice(
    "It goes on as its state says.", "`julie status` and logs/bot.log tell more.", True
)


def advice(kind: str) -> Advice:
    """What follows from an alarm of that kind."""
    return ALARMS.get(kind, UNKNOWN)


def operator_line(kind: str, happened: str, count: int = 1) -> str:
    """One line for a person: code, what happened, what the desk does, what the person should do."""
    told = " ".join(happened.split()).rstrip(".")
    times = f" (x{count})" if count > 1 else ""
    follows = advice(kind)
    return f"{kind}{times}: {told}. {follows.desk} -> {follows.person}"
