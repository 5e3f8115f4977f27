"""What a column is: a kernel, its inputs and parameters; equal declarations are one column.

A kernel is a resumable compiled loop over contiguous arrays, called as
`advance(state, inputs..., tables..., params..., outs..., start, stop)`. It writes those rows of its
outputs from its own state and from rows of its inputs that are no later. Batch is a block of rows,
live is one row; there is no second version of any indicator.

Every column knows its mirror: the value it would have on the series turned upside down (p -> -p),
as `offset + factor * partner`. So a rule is written for longs, and the house derives the shorts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

MISSING = -128  # what an int8 column holds where it has no value; rules see NaN


class Mirror(Enum):
    """How a kernel's output answers to a series turned upside down."""

    EVEN = "even"  # the same: ranges, volumes, times
    ODD = "odd"  # the negative: prices, signed momentum, directions
    LINEAR = "linear"  # as its first input: averages of anything
    EXTREME = "extreme"  # as its first input, and highest becomes lowest
    PAIR = "pair"  # the negative of a partner output: high and low of a day
    PAIR_EVEN = "pair_even"  # a partner output as it is: counts and flags of the two sides
    COMPLEMENT = "complement"  # `offset` minus itself: RSI, stochastic
    OWN = "own"  # as the kernel's own `mirror` says: ranks, quotients, counts of a chosen value


# Columns of these are functions of what a person names; all others stand on the bars themselves.
OF_INPUTS = (Mirror.LINEAR, Mirror.EXTREME, Mirror.OWN)


@dataclass(frozen=True, slots=True)
class Output:
    """One series that a kernel writes."""

    name: str
    mirror: Mirror
    formula: str
    partner: str = ""  # PAIR and PAIR_EVEN: output of the same kernel; EXTREME: the other kernel
    offset: float = 0.0  # COMPLEMENT
    flag: bool = False  # int8 instead of float64


@dataclass(frozen=True, eq=False)
class Kernel:
    """A family's compiled loop and what the graph must know to run it."""

    name: str
    advance: Callable[..., None] | None
    outputs: tuple[Output, ...]
    state: Callable[..., int] = lambda *_: 0  # (params...) -> floats of state
    lag: Callable[..., int] = lambda *_: 0  # (params...) -> rows it reads back in its inputs
    memory: Callable[..., float] = lambda *_: (
        0.0
    )  # (params..., bars a day) -> trading days of memory
    tables: tuple[str, ...] = ()  # constant arrays it is handed
    needs: str = ""  # V: silent without volume
    spares: str = ""  # what its inputs need and it can do without
    partner: Callable[[], Kernel] | None = (
        None  # the kernel that stands for it upside down (EXTREME)
    )
    mirror: Callable[[Column], Mirrored] | None = None  # OWN

    def column(self, output: str, inputs: tuple[Column, ...] = (), *params: float) -> Column:
        """The column of one of this kernel's outputs."""
        return Column(self, inputs, tuple(float(p) for p in params), self.output_index(output))

    def output_index(self, name: str) -> int:
        """Position of an output by name."""
        return [o.name for o in self.outputs].index(name)


@dataclass(frozen=True, slots=True)
class Column:
    """A causal number about the market, declared once."""

    kernel: Kernel
    inputs: tuple[Column, ...] = ()
    params: tuple[float, ...] = ()
    index: int = 0
    where: str = ""  # `on`: the timeframe; `peer`: the instrument
    alias: str = field(default="", compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # columns are keys everywhere, and a deep one would be hashed to its roots each time
        parts = (self.kernel, self.inputs, self.params, self.index, self.where)
        object.__setattr__(self, "_hash", hash(parts))

    def __hash__(self) -> int:
        return self._hash

    def named(self, alias: str) -> Column:
        """The same column under a short name for `w.<name>`."""
        return replace(self, alias=alias)

    @property
    def output(self) -> Output:
        """What this column is of its kernel."""
        return self.kernel.outputs[self.index]

    @property
    def flag(self) -> bool:
        """Whether it is stored as int8."""
        return self.inputs[0].flag if self.kernel.name in ("on", "peer") else self.output.flag

    @property
    def expression(self) -> str:
        """How a person writes it: `ema(close, 20)`, `on(5m, atr(14))`."""
        arguments = [self.where] if self.where else []
        if self.output.mirror in OF_INPUTS:
            arguments += [i.expression for i in self.inputs if not i.hidden]
        arguments += [f"{p:g}" for p in self.params]
        name = self.output.name
        return f"{name}({', '.join(arguments)})" if arguments else name

    @property
    def hidden(self) -> bool:
        """The clock, which a kernel takes beside its input and nobody writes."""
        return self.kernel.name == "clock"

    @property
    def name(self) -> str:
        """The attribute under which a rule reads it."""
        return self.alias or self.expression


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A column's value upside down: `offset + factor * column`."""

    offset: float
    factor: float
    column: Column


def mirrored(column: Column) -> Mirrored:
    """The column as seen on the series turned upside down."""
    kernel, out = column.kernel, column.output
    if kernel.name in ("on", "peer"):
        inner = mirrored(column.inputs[0])
        return replace(inner, column=replace(column, inputs=(inner.column,)))
    match out.mirror:
        case Mirror.EVEN:
            return Mirrored(0.0, 1.0, column)
        case Mirror.ODD:
            return Mirrored(0.0, -1.0, column)
        case Mirror.COMPLEMENT:
            return Mirrored(out.offset, -1.0, column)
        case Mirror.PAIR | Mirror.PAIR_EVEN:
            sign = -1.0 if out.mirror is Mirror.PAIR else 1.0
            return Mirrored(0.0, sign, replace(column, index=kernel.output_index(out.partner)))
        case Mirror.OWN:
            if kernel.mirror is None:
                raise ValueError(f"{kernel.name} does not say how it is mirrored")
            return kernel.mirror(column)
        case Mirror.LINEAR | Mirror.EXTREME:
            inner = mirrored(column.inputs[0])
            inputs = (inner.column, *column.inputs[1:])
            turned = (
                out.mirror is Mirror.EXTREME and inner.factor < 0 and kernel.partner is not None
            )
            twin = kernel.partner() if turned and kernel.partner else kernel
            return Mirrored(inner.offset, inner.factor, replace(column, kernel=twin, inputs=inputs))


def spread(column: Column) -> Mirrored:
    """How a deviation of the first input answers: the same, whichever way the input turns."""
    inner = mirrored(column.inputs[0])
    return Mirrored(0.0, 1.0, replace(column, inputs=(inner.column, *column.inputs[1:])))


def walk(column: Column) -> list[Column]:
    """The column and all it stands on, inputs first."""
    found: dict[Column, None] = {}

    def visit(c: Column) -> None:
        for i in c.inputs:
            visit(i)
        found.setdefault(c, None)

    visit(column)
    return list(found)


def needs_of(column: Column) -> set[str]:
    """What the column is silent without: its own needs and those of its inputs it cannot spare."""
    below = set().union(*(needs_of(i) for i in column.inputs)) - set(column.kernel.spares)
    return below | set(column.kernel.needs)
