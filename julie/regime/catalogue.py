"""Every column there is: the market's, and the regime's that stand on them."""

from collections.abc import Mapping
from typing import Final

from julie.market.columns import catalogue
from julie.market.columns.catalogue import entries
from julie.market.columns.column import Column
from julie.market.columns.expression import Entry
from julie.regime import buckets, chop, room, vol

CONSTRUCTORS: Final[Mapping[str, Entry]] = {
    **catalogue.CONSTRUCTORS,
    **entries(
        (vol.return_sd, ""),
        (vol.vol_percentile, ""),
        (vol.vol_regime, ""),
        (buckets.bucket, ""),
        (buckets.bucket_value, "stops"),
        (chop.chop_range, ""),
        (chop.chop_threshold, ""),
        (chop.chop_median, ""),
        (chop.chop_state, ""),
        (chop.chop_top, ""),
        (chop.chop_bottom, ""),
        (chop.chop_bars, ""),
        (room.room_up, ""),
        (room.room_down, ""),
        (room.room_up, ""),
        (room.room_down, ""),
    ),
}


def parse(text: str) -> Column:
    """The column that an expression means, such as `percentile(atr(14))` or `vol_regime`."""
    return catalogue.parse(text, CONSTRUCTORS)
