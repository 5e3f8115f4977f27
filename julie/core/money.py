"""Money is exact: whole cents inside, dollars only where a person or a file reads them."""

from decimal import ROUND_HALF_UP, Decimal


def cents(dollars: float | str | Decimal) -> int:
    """Dollars as whole cents; halves round up, the way a statement does."""
    exact = Decimal(str(dollars)) * 100
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def dollars(whole_cents: int) -> float:
    """Whole cents as dollars, for display and files."""
    return whole_cents / 100
