"""The config tree: the rooms' sections, joined with the numbers of every strategy and judge.

`tree` makes the model from the catalogues, so that the fields of a strategy or judge are keys of
the file like any other. It is read at start only; each room is handed its own section.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import (
    Discriminator,
    Field,
    Tag,
    create_model,
    field_validator,
    model_validator,
)

from julie.core.config import Loaded, load
from julie.core.config_errors import TAG
from julie.core.errors import ConfigError, UsageError
from julie.core.instrument_section import InstrumentSection, instrument_table
from julie.core.instruments import Instrument
from julie.core.operator_section import LogsSection, NotificationsSection
from julie.core.params import Params
from julie.core.section import ClockTime, Section, key
from julie.core.sessions import STARTS, session_table
from julie.core.types import Session, Sizing
from julie.defense.config import DefenseSection, Judges, SessionsOfJudges
from julie.defense.overrides import Overrides
from julie.desk.config import ManagementSection
from julie.execution.config import ExecutionSection
from julie.gateway.config import GatewaySection
from julie.risk.config import AccountSection, RiskSection
from julie.store.config import DataSection
from julie.strategies.config import StrategiesSection, StrategySection

OVERLAY: Final = "backtest"
VENUE_FLAT: Final = "15:08"  # CT
SESSION_NAMES: Final = ("ASIA", "LONDON", "NY_AM", "NY_PM")


class SessionsSection(Section):
    """When the parts of the trading day begin; US Eastern."""

    ASIA: ClockTime = key(STARTS[Session.ASIA], "begins", "ET")
    LONDON: ClockTime = key(STARTS[Session.LONDON], "begins", "ET")
    NY_AM: ClockTime = key(STARTS[Session.NY_AM], "begins", "ET")
    NY_PM: ClockTime = key(STARTS[Session.NY_PM], "begins", "ET")
    CLOSED: ClockTime = key(STARTS[Session.CLOSED], "begins", "ET")

    @property
    def starts(self) -> dict[Session, str]:
        """Start of each session."""
        return {session: getattr(self, session.name) for session in Session}

    @model_validator(mode="after")
    def _in_order(self) -> "SessionsSection":
        try:
            session_table(self.starts)
        except ConfigError as error:
            raise ValueError(error.message) from error
        return self


class BacktestSection(Section):
    """Backtests only. Any other section may stand here too and then holds for backtests alone."""

    on_breach: Literal["restart", "stop"] = key(
        "restart", "after the maximum loss: a new account the next day, or the end of the run"
    )
    seed: int = key(1, "of whatever draws by chance", ge=0)


class ReportSection(Section):
    """The report of a run."""

    folder: str = key("backtest_reports", "runs lie below it", "folder")
    plots: bool = key(True, "draw the plots of report.html")


class ModelsSection(Section):
    """Tables and models that were calibrated or trained."""

    folder: str = key("models", "where they lie")
    required: bool = key(False, "start nothing while one of them is damaged")


class LiveSection(Section):
    """The bot: what it listens to, which account it may trade, how it leaves."""

    enabled: bool = key(False, "`julie run --live` is refused while this is false")
    symbols: tuple[str, ...] = key(("ES",), "instruments that are listened to")
    trade: tuple[str, ...] = key((), "what is traded on each, in their order; empty = its micro")
    account_name: str = key("", "name of the account; another one under its id is refused")
    practice: bool = key(True, "whether that account is a practice account, named PRAC-")
    on_exit: Literal["keep", "flatten", "ask"] = key(
        "keep", "an open position when the bot ends: under its stop, closed, or as you say then"
    )

    @model_validator(mode="after")
    def _in_pairs(self) -> "LiveSection":
        if not self.symbols or len(set(self.symbols)) != len(self.symbols):
            raise ValueError("symbols names each instrument once, and at least one")
        if self.trade and len(self.trade) != len(self.symbols):
            raise ValueError(f"{len(self.trade)} in trade but {len(self.symbols)} in symbols")
        return self


class Settings(Section):
    """The whole configuration."""

    account: AccountSection = Field(AccountSection(), description="the account and its venue")
    instruments: dict[str, InstrumentSection] = Field(
        {}, description="products beside the built-in table, or other numbers for one of it"
    )
    sessions: SessionsSection = Field(SessionsSection(), description="parts of the trading day")
    data: DataSection = Field(DataSection(), description="bars and rolls")
    strategies: StrategiesSection = Field(StrategiesSection(), description="one section each")
    defense: DefenseSection = Field(DefenseSection(), description="the judges")
    risk: RiskSection = Field(RiskSection(), description="brackets, size and gate")
    execution: ExecutionSection = Field(ExecutionSection(), description="cost and life of orders")
    gateway: GatewaySection = Field(GatewaySection(), description="the venue's client")
    management: ManagementSection = Field(ManagementSection(), description="open positions")
    models: ModelsSection = Field(ModelsSection(), description="tables and models")
    live: LiveSection = Field(LiveSection(), description="the bot")
    logs: LogsSection = Field(LogsSection(), description="the bot's log files")
    notifications: NotificationsSection = Field(
        NotificationsSection(), description="off, silent = log only, on = sent to JULIE_NOTIFY_URL"
    )
    backtest: BacktestSection = Field(BacktestSection(), description="backtests only")
    report: ReportSection = Field(ReportSection(), description="the report of a run")

    @field_validator("instruments")
    @classmethod
    def _whole(cls, sections: dict[str, InstrumentSection]) -> dict[str, InstrumentSection]:
        try:
            instrument_table(sections)
        except UsageError as error:
            raise ValueError(error.message) from error
        return sections

    @model_validator(mode="after")
    def _of_one_mind(self) -> "Settings":
        """Pairs of numbers that are sound alone and not together."""
        rules, times = self.account.rules, self.management.times
        own = getattr(self.defense, "circuit_breaker", None)
        loss = getattr(own, "day_loss_usd", 0.0)
        limit = min((x for x in (rules.daily_loss, rules.maximum_loss) if x), default=0.0)
        said = []
        if limit and loss > limit:
            said.append(
                f"defense.circuit_breaker.day_loss_usd ({loss:g}) is above the loss limit of "
                f"account.profile {self.account.profile} ({limit:g}): it would never fire in time"
            )
        if times.last_entry >= times.flat:
            said.append(
                f"management.times.last_entry ({times.last_entry}) is not before "
                f"management.times.flat ({times.flat})"
            )
        if rules.venue_times and times.flat > VENUE_FLAT:
            said.append(
                f"management.times.flat ({times.flat} CT) is after {VENUE_FLAT} CT, when the "
                f"venue closes what account.profile {self.account.profile} still holds"
            )
        known = instrument_table(self.instruments)
        strange = [one for one in (*self.live.symbols, *self.live.trade) if one not in known]
        if strange:
            said.append(
                f"live.symbols or live.trade names {', '.join(strange)}; known: "
                f"{', '.join(sorted(known))}; others go under `instruments:`"
            )
        if said:
            raise ValueError("; ".join(said))
        return self

    def instrument_table(self) -> dict[str, Instrument]:
        """Every product, with this configuration's numbers and fees."""
        return instrument_table(self.instruments, self.execution.fees)

    def overrides(self) -> Overrides:
        """What is set about the judges, in the layers that the chain settles."""
        own = {name: self.strategies[name].defense for name in self.strategies.names()}
        return Overrides(
            judges=self.defense.layers(),
            sessions=self.defense.sessions.layers(),
            strategies={name: judges.layers() for name, judges in own.items()},
        )


class StrategyFacts(Protocol):
    """What the tree reads of a strategy."""

    @property
    def params(self) -> type[Params]: ...
    @property
    def on(self) -> bool: ...
    @property
    def tier(self) -> int: ...
    @property
    def sizing(self) -> Sizing: ...
    @property
    def contracts(self) -> int: ...
    @property
    def cooldown(self) -> int: ...
    @property
    def once_a_day(self) -> bool: ...


class JudgeFacts(Protocol):
    """What the tree reads of a judge."""

    @property
    def params(self) -> type[Params]: ...


def tree(
    strategies: Mapping[str, StrategyFacts], judges: Mapping[str, JudgeFacts]
) -> type[Settings]:
    """The model of the whole file for these strategies, and these judges in their order."""
    entries = _entries(judges)
    defense = _defense(judges, entries)
    sections = {name: _strategy(name, facts, entries) for name, facts in strategies.items()}
    joined = _model("Strategies", StrategiesSection, sections)
    return create_model(
        "Settings",
        __base__=Settings,
        strategies=(joined, Field(joined(), description="one section each")),
        defense=(defense, Field(defense(), description="the judges")),
    )


def _model(name: str, base: Any, sections: Mapping[str, Any]) -> Any:
    """A section with a field for each inner section, at its defaults."""
    fields: dict[str, Any] = {inner: (model, model()) for inner, model in sections.items()}
    return create_model(name, __base__=base, **fields)


def _entries(judges: Mapping[str, JudgeFacts]) -> Any:
    """The model of exceptions: a judge's numbers, or a word about it."""
    fields: dict[str, Any] = {
        name: (_entry(facts.params) | None, None) for name, facts in judges.items()
    }
    return create_model("Exceptions", __base__=Judges, **fields)


def _shape(value: object) -> str:
    return TAG + ("word" if isinstance(value, str) else "numbers")


def _entry(params: Any) -> Any:
    words = Annotated[Literal["on", "observe", "off"], Tag(TAG + "word")]
    numbers = Annotated[params, Tag(TAG + "numbers")]
    return Annotated[words | numbers, Discriminator(_shape)]


def _defense(judges: Mapping[str, JudgeFacts], entries: Any) -> Any:
    order = tuple(judges)
    about = DefenseSection.model_fields
    sessions = _model("SessionsOfJudges", SessionsOfJudges, dict.fromkeys(SESSION_NAMES, entries))
    fields: dict[str, Any] = {
        name: (_entry(facts.params), facts.params()) for name, facts in judges.items()
    }
    fields["order"] = (tuple[str, ...], Field(order, description=about["order"].description))
    fields["sessions"] = (sessions, Field(sessions(), description=about["sessions"].description))
    return create_model(
        "Defense", __base__=DefenseSection, __validators__={"known": _known(order)}, **fields
    )


def _known(judges: Sequence[str]) -> Any:
    """A check that the order names only judges there are, each once."""

    def check(order: tuple[str, ...]) -> tuple[str, ...]:
        for name in order:
            if name not in judges:
                near = get_close_matches(name, judges, 1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(judges)}"
                raise ValueError(f"there is no judge {name!r}; {hint}")
            if order.count(name) > 1:
                raise ValueError(f"names {name} twice")
        return order

    return field_validator("order")(check)


def _strategy(name: str, facts: StrategyFacts, entries: Any) -> Any:
    """The section of one strategy: the general keys at what its file states, and its Params."""
    stated = {
        "enabled": facts.on,
        "tier": facts.tier,
        "sizing": facts.sizing.name.lower(),
        "contracts": facts.contracts,
        "cooldown": facts.cooldown,
        "once_a_day": facts.once_a_day,
    }
    fields: dict[str, Any] = {}
    for field_name, field in StrategySection.model_fields.items():
        changed = {"default": stated[field_name]} if field_name in stated else {}
        fields[field_name] = (field.annotation, field.merge_field_infos(field, **changed))
    for field_name, field in facts.params.model_fields.items():
        if field_name in fields:
            raise TypeError(f"strategy {name}: Params may not have a field {field_name!r}")
        fields[field_name] = (field.annotation, field)
    about = StrategySection.model_fields["defense"].description
    fields["defense"] = (entries, Field(entries(), description=about))
    made = create_model(name, __base__=StrategySection, **fields)
    made.params_class = facts.params
    return made


def default_tree(strategy_files: Mapping[str, StrategyFacts] | None = None) -> type[Settings]:
    """The tree of everything that ships, and of strategies given as files."""
    from julie.defense.catalogue import default_order, named
    from julie.strategies.catalogue import catalogue

    strategies = {**catalogue(), **(strategy_files or {})}
    return tree(strategies, {name: named(name) for name in default_order()})


def load_settings(
    root: type[Settings],
    files: Sequence[Path] = (),
    sets: Sequence[str] = (),
    for_backtest: bool = False,
) -> Loaded[Settings]:
    """The configuration from files and flags; with the `backtest:` overrides on it if asked."""
    return load(root, files, sets, OVERLAY, for_backtest)
