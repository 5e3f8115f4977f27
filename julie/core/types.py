"""The closed vocabularies: every code that is stored, journaled or shown is named here once."""

from enum import IntEnum, StrEnum


class Side(IntEnum):
    """Direction of a trade; the value multiplies prices."""

    LONG = 1
    SHORT = -1


class Style(IntEnum):
    """What kind of setup a candidate is; decides exemptions, room factors and the bracket table."""

    TREND = 0
    BREAKOUT = 1
    REVERSION = 2
    SWEEP = 3
    RESCUE = 4
    MODEL = 5


class Session(IntEnum):
    """Part of the trading day, US Eastern."""

    ASIA = 0
    LONDON = 1
    NY_AM = 2
    NY_PM = 3
    CLOSED = 4


class VolRegime(IntEnum):
    """Volatility of the last bars against the same session of 20 days."""

    ULTRA_LOW = 0
    LOW = 1
    NORMAL = 2
    HIGH = 3


class Code(IntEnum):
    """A judge's answer about one candidate, as stored in decisions.parquet."""

    NOT_ASKED = 0
    ALLOW = 1
    SCALE = 2
    DENY = 3
    NOT_READY = 4


class EntryKind(IntEnum):
    """How an entry is worked."""

    MARKET = 0
    LIMIT = 1


class OnExpiry(IntEnum):
    """What becomes of a limit entry that was not filled in time."""

    CANCEL = 0
    MARKET = 1


class Mode(IntEnum):
    """How a candidate came to be traded."""

    STANDARD = 0
    RESCUED = 1
    FADE = 2


class BracketSource(IntEnum):
    """Where a candidate's stop and target came from."""

    OWN = 0
    OWN_PLUS = 1
    FIXED = 2
    DYNAMIC = 3


class Sizing(IntEnum):
    """How many contracts: by the risk budget, or a fixed number."""

    RISK = 0
    FIXED = 1


class DeskState(IntEnum):
    """What the desk may do."""

    ACTIVE = 0
    REDUCING = 1
    HALTED = 2


class ExitReason(IntEnum):
    """Why a leg was closed."""

    STOP = 0
    TARGET = 1
    TARGET1 = 2
    TARGET2 = 3
    BREAKEVEN = 4
    TRAIL = 5
    TIME = 6
    SESSION_END = 7
    FLATTEN = 8
    REVERSAL = 9
    STRATEGY_OFF = 10
    RECONCILE = 11
    GAP = 12
    LIQUIDATED = 13
    MANUAL = 14

    @property
    def word(self) -> str:
        """The label stored in trades.parquet."""
        return self.name.lower()


class Reason(IntEnum):
    """Why a candidate did not become a trade: judges' denials, then viability, risk and desk."""

    NONE = 0
    NOT_READY = 1
    # judges
    SESSION_CLOSED = 10
    SESSION_NOT_MINE = 11
    OUTSIDE_WINDOW = 12
    LAST_ENTRY_TIME = 13
    NEWS_BLACKOUT = 14
    HOLIDAY_CLOSED = 15
    HOLIDAY_DENY = 16
    HOLIDAY_CONTEXT = 17
    NEWS_FIXED_TIME = 18
    MAINTENANCE = 19
    DAY_LOSS = 20
    STRATEGY_LOSS_STREAK = 21
    ACCOUNT_LOSS_STREAK = 22
    TRAILING_BUDGET = 23
    MAXIMUM_LOSS = 24
    DAILY_LOSS_LIMIT = 25
    POSITION_CAP = 26
    CORRELATED_SIDE = 27
    ENTRIES_A_DAY = 28
    NEWS_HALF_CAP = 29
    ULTRA_LOW_VOLATILITY = 30
    IN_CHOP = 31
    CHOP_WRONG_SIDE = 32
    CHOP_UNPROVEN = 33
    CHOP_FADE = 34
    CHOP_FADE_STALE = 35
    DIRECTION_PAUSED = 36
    DIRECTION_OFF = 37
    PENALTY_BOX = 38
    CHOP_FAILED = 39
    JUDGE_FAILED = 40
    # viability
    ATR_FLOOR = 60
    NO_ROOM = 61
    # brackets
    STOP_TOO_WIDE = 70
    STOP_BELOW_FLOOR = 71
    TARGET_BELOW_FLOOR = 72
    BELOW_MIN_R = 73
    NO_BRACKET = 74
    MIN_NET_PROFIT = 75
    # desk
    POSITION_OPEN = 80
    WORKING_ENTRY = 81
    COOLDOWN = 82
    ONCE_A_DAY = 83
    OUTRANKED = 84
    OPPOSITE_CANCELLED = 85
    SESSION_TRADES = 86
    MAX_POSITIONS = 87
    STRATEGY_OFF = 88
    # size and gate
    SIZE_ZERO = 100
    MARGIN = 101
    COLLAR = 102
    STOP_DISTANCE = 103
    LOSS_LEFT = 104
    ENTRY_RATE = 105
    DUPLICATE = 106
    NOT_ACTIVE = 107
    STALE_SIGNAL = 108
    CONTRACT_INACTIVE = 109
    # order life
    EXPIRED = 120
    LIMIT_UNFILLED = 121
    NO_NEXT_BAR = 122
    WITHDRAWN = 123
    REJECTED = 124
    NOT_SENT = 125
    # the live desk's gates: why nothing may be sent now
    STALE_DATA = 130
    REDUCING = 131
    HALTED = 132
    PAUSED = 133
    NOT_RECONCILED = 134
    CLOCK_SKEW = 135
    CANNOT_TRADE = 136
    CROSSED_QUOTE = 137
    STOPPING = 138

    @property
    def word(self) -> str:
        """The label stored in records."""
        return self.name.lower()


class Silence(StrEnum):
    """Why a whole strategy does not speak in a run."""

    VOLUME = "needs volume; the data has none"
    PEER = "needs a peer instrument; the data has none"
    VIX = "needs VIX; none was given"
    TICKS = "needs ticks; the data has none"
    MODEL = "needs a model; none is installed"
    INSTRUMENT = "does not trade this instrument"
    BASE = "does not run on this bar length"
    UNIT = "needs unit_pts of this instrument; it is not measured"
