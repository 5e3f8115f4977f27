/* The report of one run, from the two embedded objects: `report` (figures) and `series` (what is drawn). */
const R = embedded("report"), S = embedded("series");
const shown = R.parts[R.headline];
const PART = { all: "whole run", in_sample: "in sample", out_of_sample: "out of sample" };
const part = R.headline === "all" ? "" : ` (${PART[R.headline]})`;
const redraws = [];
const anchors = [];
const main = el("main");

function chapter(id, words) {
  anchors.push([id, words]);
  main.append(el("h2", { id }, words));
  const grid = el("div", { class: "grid" });
  main.append(grid);
  return grid;
}

const tile = (name, value, note, kind) => el("div", { class: "tile" },
  el("div", { class: "name" }, name), el("div", { class: `value ${kind || ""}` }, value), el("div", { class: "note" }, note || " "));
const between = (interval, as) => nothing(interval.low) ? "too few days for an interval" : `${Math.round(interval.level * 100)} % interval\n${as(interval.low)} to ${as(interval.high)}`;

function head() {
  const stamps = [];
  if (R.simulated) stamps.push(el("span", { class: "stamp" }, "SIMULATED DATA"));
  if (R.headline === "in_sample") stamps.push(el("span", { class: "stamp" }, "IN SAMPLE"));
  if (R.interrupted) stamps.push(el("span", { class: "stamp" }, "PARTIAL"));
  main.append(
    el("h1", {}, `${R.kind} ${R.summary.run_id}`, ...stamps),
    el("p", { class: "lead" }, `${R.summary.start} – ${R.summary.end} · ${count(shown.days)} trading days${part} · ${R.data.map((d) => d.traded).join(", ")} · account ${R.limits.account}, ${money(R.limits.start, 0)}`),
    el("p", { class: "headline" }, R.title),
    ...R.warnings.map((words) => el("p", { class: "warning" }, words)),
    el("div", { class: "tiles" },
      tile(`Net P&L${part}`, money(shown.net), `after ${money(shown.fees)} fees, ${money(shown.slippage)} slippage`, tone(shown.net)),
      tile("Return", share(shown.roi, 2), `to ${money(R.limits.start + shown.net)}`, tone(shown.roi)),
      tile("Profit factor", ratio(shown.profit_factor), `win/loss ${ratio(shown.win_loss_ratio)}`),
      tile("Win rate", share(shown.win_rate), `${count(shown.wins)} of ${count(shown.trades)} trades`),
      tile("Expectancy", money(shown.expectancy), between(R.intervals.expectancy, money), tone(shown.expectancy)),
      tile("Max drawdown", money(-shown.max_drawdown), `${share(shown.max_drawdown_share)} · ${count(shown.drawdown_days)} days`, shown.max_drawdown ? "down" : ""),
      tile("Sharpe", ratio(shown.sharpe), between(R.intervals.sharpe, ratio), tone(shown.sharpe)),
      tile("Trades a day", ratio(shown.trades_a_day, 1), `${ratio(shown.avg_minutes, 1)} min on average`)));
}

const facts = (pairs) => el("dl", {}, ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, `${value}`)]));
const list = (lines) => el("ul", {}, ...lines.map((line) => el("li", {}, line)));

function figuresChapter() {
  const grid = chapter("figures", "Figures");
  const day = (d) => (d ? `${money(d.net)} on ${d.day}` : "n/a");
  const rows = [
    ["Trades (legs)", (f) => `${count(f.trades)} (${count(f.legs)})`],
    ["Won / lost / scratch", (f) => `${count(f.wins)} / ${count(f.losses)} / ${count(f.scratches)}`],
    ["Win rate", (f) => share(f.win_rate)],
    ["Gross at the fills", (f) => money(f.gross)], ["Fees", (f) => money(-f.fees)],
    ["Slippage, in the fills", (f) => money(-f.slippage)], ["Net", (f) => money(f.net)],
    ["Expectancy", (f) => `${money(f.expectancy)} · ${ratio(f.expectancy_r)} R`],
    ["Average win / loss", (f) => `${money(f.average_win)} / ${money(f.average_loss)}`],
    ["Largest win / loss", (f) => `${money(f.largest_win)} / ${money(f.largest_loss)}`],
    ["Profit factor", (f) => ratio(f.profit_factor)],
    ["Wins / losses running", (f) => `${f.win_streak} / ${f.loss_streak}`],
    ["Maximum drawdown", (f) => `${money(-f.max_drawdown)} (${share(f.max_drawdown_share)})`],
    ["Its days", (f) => (f.drawdown_from ? `${f.drawdown_days} days, ${f.drawdown_from} – ${f.drawdown_to || "not recovered"}` : "none")],
    ["Longest under water", (f) => `${f.longest_drawdown_days} days; ${share(f.under_water, 0)} of all`],
    ["Sharpe / Sortino", (f) => `${ratio(f.sharpe)} / ${ratio(f.sortino)}`],
    ["Best day", (f) => day(f.best_day)], ["Worst day", (f) => day(f.worst_day)],
    ["Days up / down / traded", (f) => `${f.days_up} / ${f.days_down} / ${f.days_traded} of ${f.days}`],
    ["Minutes, mean / median", (f) => `${ratio(f.avg_minutes, 1)} / ${ratio(f.median_minutes, 1)}`],
  ];
  // parts are set side by side, never added: the whole run is shown only where nothing was fitted
  const names = Object.keys(R.parts).length > 1 ? ["out_of_sample", "in_sample"] : ["all"];
  const columns = [{ name: "", of: (r) => r[0], text: true }, ...names.map((name) => ({ name: PART[name], of: (r) => r[1](R.parts[name]) }))];
  grid.append(panel("", "half", table(columns, rows)));
  const odds = R.sharpe_odds;
  const right = el("div", { class: "half stack" });
  grid.append(right);
  right.append(panel("This run", "", facts([
    ["run", R.summary.run_id], ["started", R.started], ["engine", `${ratio(R.summary.engine_seconds, 2)} s`],
    ["config hash", R.config.hash], ["data hash", R.data.map((d) => `${d.symbol} ${d.hash}`).join(", ")],
    ["versions", Object.entries(R.versions).map(([k, v]) => `${k} ${v}`).join(", ")],
    ["costs", R.costs.join("; ")], ["seed", R.config.seed],
    ["bars, candidates, verdicts", [R.summary.bars, R.summary.candidates, R.summary.verdicts].map(count).join(", ")],
    ["days at a day limit", `${R.summary.days_at_limit} of ${R.days.length}`],
    ["true Sharpe above 0", share(odds.probabilistic) + (odds.trials > 1 ? `; deflated for ${count(odds.trials)} trials ${share(odds.deflated)}` : "")],
    ["fitted", R.fitted.length ? R.fitted.map((f) => `${f.source}: ${f.first} – ${f.last}`).join("; ") : "nothing"],
  ])), el("div", { class: "box", id: "not-shown" }, el("h3", {}, "What this does not show"), list(R.not_shown)));
}

function equityChapter() {
  const grid = chapter("equity", "Equity and drawdown");
  const curve = S.curve;
  if (S.plots && curve.ms.length) {
    const fits = R.fitted.map((f) => [Date.parse(f.first), Date.parse(f.last)]);
    grid.append(panel(`Realised equity after every leg${fits.length ? " (shaded: in sample)" : ""}`, "", equityPlot(curve, R.limits.start, fits)));
    grid.append(panel("Under the highest equity so far", "", drawdownPlot(curve)));
    grid.append(panel("Net by trading day", "", barsPlot(R.days.map((d) => d.net), "net by day",
      (k) => `${R.days[k].day}\nnet ${money(R.days[k].net)}\n${R.days[k].trades} trades, ${R.days[k].wins} won`,
      { ticks: dayTicks() })));
  }
  grid.append(panel("Net by month", "half", monthTable()), panel("Newest days with a trade", "half", dayTable(R.days.slice().reverse(), 12)));
}

function dayTicks() {
  const wanted = 8, every = Math.max(Math.ceil(R.days.length / wanted), 1), ticks = [];
  for (let k = Math.floor(every / 2); k < R.days.length; k += every) ticks.push([k, R.days[k].day]);
  return ticks;
}

function monthTable() {
  const years = [...new Set(R.months.map((m) => m.month.slice(0, 4)))];
  const names = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
  const found = (year, month) => R.months.find((m) => m.month === `${year}-${month}`);
  const map = heatMap(years, names, (year, month) => {
    const m = found(year, month);
    return m && m.trades && { value: m.net, short: grouped(m.net, 0), words: `${money(m.net)}\n${m.trades} trades on ${m.days} days` };
  });
  const totals = years.map((year) => `${year}: ${money(R.months.filter((m) => m.month.startsWith(year)).reduce((sum, m) => sum + m.net, 0))}`);
  const ranked = R.days.slice().sort((a, b) => b.net - a.net);
  const extremes = [...ranked.slice(0, 4), ...ranked.slice(4).slice(-4)];
  return el("div", {}, map, el("p", { class: "legend" }, totals.join(" · ")), el("h3", { style: "margin-top:14px" }, "Best and worst days"), dayTable(extremes, 8));
}

function dayTable(days, limit) {
  return table([
    { name: "day", of: (d) => d.day, text: true }, { name: "trades", of: (d) => d.trades, as: count },
    { name: "won", of: (d) => d.wins, as: count }, { name: "net", of: (d) => d.net, as: money, tone: true },
    { name: "equity", of: (d) => d.equity, as: money },
  ], days.filter((d) => d.trades), { limit });
}

const groupColumns = (name) => [
  { name, of: (r) => r.key, text: true }, { name: "trades", of: (r) => r.trades, as: count },
  { name: "won", of: (r) => r.win_rate, as: share }, { name: "net", of: (r) => r.net, as: money, tone: true },
  { name: "average", of: (r) => r.average, as: money, tone: true }, { name: "p. f.", hint: "profit factor", of: (r) => r.profit_factor, as: ratio },
];

function tablesChapter() {
  const grid = chapter("tables", `Where it was made${part}`);
  const named = { strategy: "Strategy", group: "Group", session: "Session of the decision", vol_regime: "Volatility regime", hmm_state: "HMM state",
    exit: "Way out (legs)", weekday: "Weekday", side: "Side", style: "Style", mode: "Mode (rescue share)", instrument: "Instrument", hour: "Hour of entry, Eastern" };
  const small = el("div", { class: "columns" });
  grid.append(small);
  for (const [name, words] of Object.entries(named)) {
    const rows = R.tables[name] || [];
    const known = rows.filter((r) => r.key !== "not known");
    if (known.length) small.append(panel(words, "", table(groupColumns(name.replace("_", " ")), rows)));
    else small.append(panel(words, "", el("p", { class: "muted" }, rows.length ? "not computed in this run" : "no trade")));
  }
  const week = ["MON", "TUE", "WED", "THU", "FRI"];
  const cell = (row) => row && { value: row.net, short: count(row.trades), words: `${money(row.net)}\n${row.trades} trades, ${share(row.win_rate)} won` };
  const hours = ["18", "19", "20", "21", "22", "23", ...Array.from({ length: 17 }, (_, h) => `${h}`.padStart(2, "0"))];
  grid.append(panel("Weekday × hour of entry (Eastern): colour = net, figure = trades", "", heatMap(week, hours, (day, hour) => cell(R.hours[`${day} ${hour}`]))));
  const rows = week.flatMap((day) => ["ASIA", "LONDON", "NY_AM", "NY_PM"].map((session) => `${day}_${session}`));
  const columns = [1, 2, 3, 4].flatMap((q) => [1, 2, 3, 4].map((w) => `Q${q}_W${w}`));
  grid.append(panel("The 320 buckets: colour = net, figure = trades", "", heatMap(rows, columns, (row, column) => cell(R.buckets[`${column}_${row}`]))));
}

function shapeChapter() {
  if (!S.plots || !S.trades.columns.trade_id.length) return;
  const grid = chapter("shape", "Shape of the trades");
  const legs = tradeRows(S);
  const net = new Map();
  for (const leg of legs) net.set(leg.trade_id, (net.get(leg.trade_id) || 0) + leg.net);
  grid.append(panel("Net of a trade", "half", histogramPlot([...net.values()])));
  const exits = R.tables.exit || [];
  grid.append(panel("Legs by way out: count, colour = net", "half", barsPlot(exits.map((e) => e.trades), "ways out",
    (k) => `${exits[k].key}\n${exits[k].trades} legs\nnet ${money(exits[k].net)}`,
    { width: 610, height: 260, format: count, good: (k) => exits[k].net >= 0, ticks: exits.map((e, k) => [k + 0.5, e.key]) })));
  grid.append(panel("Worst open result (MAE) against net", "half", scatterPlot(legs.map((l) => ({ x: l.mae, y: l.net, good: l.net >= 0 })), { label: "MAE and net", x: "MAE →", y: "net ↑" })));
  grid.append(panel("Best open result (MFE) against net", "half", scatterPlot(legs.map((l) => ({ x: l.mfe, y: l.net, good: l.net >= 0 })), { label: "MFE and net", x: "MFE →", y: "net ↑" })));
}

function judgesChapter() {
  const grid = chapter("judges", "Candidates and judges");
  const spoken = R.judges.filter((judge) => R.denials.some((row) => row.by_judge[judge]));
  grid.append(panel("From candidate to trade: a denial counts at every judge that spoke it", "", table([
    { name: "strategy", of: (r) => r.strategy, text: true }, { name: "candidates", of: (r) => r.candidates, as: count },
    { name: "denied", of: (r) => r.denied, as: count },
    { name: "trades", of: (r) => r.trades, as: count }, { name: "net", of: (r) => r.net, as: money, tone: true },
    ...spoken.map((judge) => ({ name: judge.replaceAll("_", " "), of: (r) => r.by_judge[judge] || 0, as: (v) => (v ? count(v) : "") })),
    ...(R.denials.some((r) => r.silent) ? [{ name: "silent because", of: (r) => r.silent, text: true, wrap: true }] : []),
  ], R.denials, { look: "narrow" })));
  const refused = Object.entries(R.refusals);
  grid.append(panel("Why candidates did not become trades", "half", table([
    { name: "reason", of: (r) => r[0], text: true }, { name: "candidates", of: (r) => r[1], as: count }], refused, { look: "tall" })));
  const cut = R.attribution;
  grid.append(panel("What each judge cost (+) or saved (−): denied candidates run alone, one contract", "half", cut.length ? table([
    { name: "judge", of: (r) => r.judge, text: true }, { name: "denied", of: (r) => r.denied, as: count },
    { name: "alone", of: (r) => r.denied_alone, as: count }, { name: "run", of: (r) => r.trades, as: count },
    { name: "net", of: (r) => r.net, as: money }, { name: "hit rate", of: (r) => r.hit_rate, as: share },
    { name: "interval", of: (r) => r.low, as: (v) => v, text: true },
  ].map((c) => (c.name === "interval" ? { ...c, of: (r) => (nothing(r.low) ? "" : `${money(r.low, 0)} to ${money(r.high, 0)}`) } : c)), cut)
    : el("p", { class: "muted" }, "not computed in this run")));
}

function luckChapter() {
  const grid = chapter("luck", `How much may be luck${part}`);
  const drawn = R.montecarlo;
  if (drawn && S.plots) {
    const days = R.headline === "all" ? R.days : [];
    grid.append(panel("Curves of resampled days: half inside the dark, nine of ten inside the light band", "half", fanPlot(drawn, days, R.limits.start)));
    const bars = drawn.histogram, step = drawn.histogram_step;
    grid.append(panel("Maximum drawdown of the same trades in other orders", "half", barsPlot(bars, "drawdowns of shuffled trades",
      (k) => `${money(drawn.histogram_low + k * step)} to ${money(drawn.histogram_low + (k + 1) * step)}\n${bars[k]} of ${drawn.shuffles} orders`,
      { width: 610, height: 260, flat: true, format: count, ticks: [0, 7, 14, 21, 28].filter((k) => k < bars.length).map((k) => [k, shortMoney(drawn.histogram_low + k * step)]) }),
      el("p", { class: "legend" }, `half of the orders fall ${money(drawn.drawdown_50)} or more, one in twenty ${money(drawn.drawdown_95)}; ${share(drawn.share_as_deep)} fall as deep as this run`)));
  }
  grid.append(panel("The same fills with other slippage (arithmetic, no new run)", "half", table([
    { name: "slippage", of: (s) => `× ${s.slippage_times}`, text: true }, { name: "net", of: (s) => s.net, as: money, tone: true },
    { name: "profit factor", of: (s) => s.profit_factor, as: ratio }, { name: "win rate", of: (s) => s.win_rate, as: share }], R.costs_times)));
  const variants = R.fill_variants;
  grid.append(panel("The same run under other fill rules", "half", variants.length ? table([
    { name: "rules", of: (v) => v.name, text: true }, { name: "in words", of: (v) => v.words, text: true, wrap: true },
    { name: "trades", of: (v) => v.trades, as: count }, { name: "net", of: (v) => v.net, as: money, tone: true }], variants)
    : el("p", { class: "muted" }, "run with --fill-variants to fill this table")));
  grid.append(panel("Hit rate that pays the cost, and the one that came", "half", table([
    { name: "strategy", of: (b) => b.strategy, text: true }, { name: "in", of: (b) => b.instrument, text: true },
    { name: "stop/target", of: (b) => `${b.varies ? "~" : ""}${b.stop_ticks}/${b.target_ticks}`, hint: "ticks; ~ = medians of brackets that vary" },
    { name: "legs", of: (b) => b.trades, as: count }, { name: "cost", of: (b) => b.cost, as: money, hint: "fees and slippage a contract" },
    { name: "needs", of: (b) => b.break_even, as: share }, { name: "had", of: (b) => b.hit_rate, as: share }], R.brackets)));
  grid.append(panel("Settled by the rule for bars that hold both legs", "half",
    el("p", {}, `${count(R.ties.legs)} legs, ${share(R.ties.share)} of all, net ${money(R.ties.net)}`), R.ties.warning ? el("p", { class: "warning" }, R.ties.warning) : null,
    el("h3", { style: "margin-top:12px" }, "Fill rules of this run"), list(R.fill_rules)));
}

function limitsChapter() {
  const limits = R.limits, days = limits.days, grid = chapter("limits", "Distance to the limits");
  const names = days.map((d) => d.day);
  if (S.plots && limits.maximum_loss !== null && days.length) {
    grid.append(panel("Worst equity of the day and the trailing floor", "half", daysPlot(names, [
      { name: "low", kind: "line", values: days.map((d) => d.low) }, { name: "floor", kind: "limit", values: days.map((d) => d.floor) }], { label: "trailing limit" })));
  }
  if (S.plots && limits.least_day_room !== null && days.length) {
    grid.append(panel("Worst result of the day and the day limit", "half", daysPlot(names, [
      { name: "low of day", kind: "line", values: days.map((d) => d.day_low) }, { name: "limit", kind: "limit", values: days.map((d) => (d.day_limit === null ? null : -d.day_limit)) }], { label: "day limit", more: [0] })));
  }
  const near = [...days].filter((d) => d.room !== null || d.day_room !== null)
    .sort((a, b) => Math.min(a.room ?? Infinity, a.day_room ?? Infinity) - Math.min(b.room ?? Infinity, b.day_room ?? Infinity));
  grid.append(panel("The days that came nearest", "half", near.length ? table([
    { name: "day", of: (d) => d.day, text: true }, { name: "net", of: (d) => d.net, as: money, tone: true },
    { name: "low", of: (d) => d.low, as: money }, { name: "to trailing", of: (d) => d.room, as: money }, { name: "to day limit", of: (d) => d.day_room, as: money }], near, { limit: 10 })
    : el("p", { class: "muted" }, "this account has no limits")));
  grid.append(panel("Account", "half", facts([
    ["profile", limits.account], ["start", money(limits.start)], ["maximum loss", money(limits.maximum_loss)], ["daily loss (venue)", money(limits.daily_loss)],
    ["own day loss", money(limits.own_day_loss)], ["nearest to trailing", `${money(limits.least_room)} ${limits.least_room_day}`],
    ["nearest to day limit", `${money(limits.least_day_room)} ${limits.least_day_room_day}`], ["best day ÷ profit", share(limits.best_day_share)],
    ["breaches", limits.breaches.length || "none"]]),
    el("p", { class: "legend" }, "The low assumes that trades open together were all at their worst at once: the true low is never below it.")));
  if (limits.breaches.length) {
    grid.append(panel("Breaches", "", table([{ name: "day", of: (b) => b.day, text: true }, { name: "limit", of: (b) => b.limit, text: true },
      { name: "in words", of: (b) => b.words, text: true, wrap: true }], limits.breaches, { look: "tall" })));
  }
}

function chartChapter() {
  if (!S.plots || !S.candles.length) return null;
  const grid = chapter("chart", "Trades on the chart");
  const rows = tradeRows(S);
  const canvas = el("canvas", { class: "candles" }), readout = el("span", { class: "legend mono" }, "");
  const chart = new Candles(canvas, readout);
  redraws.push(() => chart.draw());
  const pick = el("select", { "aria-label": "day" }, ...S.candles.map((day, k) => el("option", { value: k },
    `${day.symbol} ${day.day} · ${day.trades.length} ${day.trades.length === 1 ? "leg" : "legs"} · ${money(day.trades.reduce((sum, place) => sum + rows[place].net, 0))}`)));
  let at = -1, of = [];
  const below = el("div");
  function showDay(k) {
    pick.value = k;
    const day = S.candles[k];
    of = day.trades.map((place) => rows[place]); at = -1;
    chart.show(decodedBars(day), of, S.ticks[day.symbol]);
    below.replaceChildren(table(tradeColumns(), of, { pick: (trade) => { at = of.indexOf(trade); chart.focus(trade); } }));
  }
  function step(by) {
    if (!of.length) return;
    at = (at + by + of.length) % of.length;
    chart.focus(of[at]);
  }
  const button = (words, act) => el("button", { type: "button", onclick: act }, words);
  const move = (by) => showDay(Math.min(Math.max(Number(pick.value) + by, 0), S.candles.length - 1));
  pick.addEventListener("change", () => showDay(Number(pick.value)));
  grid.append(panel("", "",
    el("div", { class: "tools" }, button("◀ day", () => move(1)), pick, button("day ▶", () => move(-1)),
      button("◀ trade", () => step(-1)), button("trade ▶", () => step(1)),
      button("−", () => chart.zoom(1.4)), button("+", () => chart.zoom(1 / 1.4)), button("whole day", () => chart.all()), el("span", { class: "grow" }), readout),
    canvas,
    el("p", { class: "legend" }, `Blue arrow = entry, dot = exit, dashed = first stop and target, amber = moved stop. Drag to move, wheel to zoom. ${S.candles_note}`),
    below));
  const places = new Map();
  S.candles.forEach((day, k) => day.trades.forEach((place) => places.set(place, k)));
  showDay(0);
  return (row) => {
    if (!places.has(row.place)) return;
    showDay(places.get(row.place));
    at = of.findIndex((trade) => trade.place === row.place);
    chart.focus(of[at]);
    document.getElementById("chart").scrollIntoView();
  };
}

function tradeColumns() {
  return [
    { name: "entry (ET)", of: (t) => t.entry_ms, as: stamp, text: true }, { name: "trade", of: (t) => t.trade_id }, { name: "leg", of: (t) => t.leg },
    { name: "strategy", of: (t) => t.strategy, text: true }, { name: "instrument", of: (t) => t.instrument, text: true },
    { name: "side", of: (t) => (t.side > 0 ? "long" : "short"), text: true }, { name: "qty", of: (t) => t.qty },
    { name: "in", of: (t) => t.entry_price, as: price }, { name: "stop", of: (t) => t.stop_price, as: price }, { name: "target", of: (t) => t.target_price, as: price },
    { name: "out", of: (t) => t.exit_price, as: price }, { name: "exit", of: (t) => t.exit_reason + (t.tie ? " (tie)" : ""), text: true },
    { name: "bars", of: (t) => t.bars }, { name: "MAE", of: (t) => t.mae, as: money }, { name: "MFE", of: (t) => t.mfe, as: money },
    { name: "net", of: (t) => t.net, as: money, tone: true },
  ];
}
const decimals = Math.max(0, ...Object.values(S.ticks || {}).map((tick) => (`${tick}`.split(".")[1] || "").length));
const price = (value) => (nothing(value) ? "" : value.toFixed(decimals));

function tradesChapter(jump) {
  if (!S.plots) return;
  const grid = chapter("trades", "Trades");
  const rows = tradeRows(S).reverse(), size = 40;
  let page = 0, wanted = "", holder = el("div"), place = el("span", { class: "legend" });
  const matching = () => rows.filter((t) => !wanted || [t.strategy, t.instrument, t.exit_reason, t.session, `${t.trade_id}`, dateOf(t.entry_ms)].some((w) => `${w}`.toLowerCase().includes(wanted)));
  function fill() {
    const found = matching(), pages = Math.max(Math.ceil(found.length / size), 1);
    page = Math.min(Math.max(page, 0), pages - 1);
    place.textContent = `${count(found.length)} legs, page ${page + 1} of ${pages}. ${S.trades_note}`;
    holder.replaceChildren(table(tradeColumns(), found.slice(page * size, (page + 1) * size), { pick: jump }));
  }
  const search = el("input", { type: "search", placeholder: "strategy, exit, day, number…", "aria-label": "filter trades", oninput: (event) => { wanted = event.target.value.toLowerCase(); page = 0; fill(); } });
  grid.append(panel("", "long", el("div", { class: "tools" }, search,
    el("button", { type: "button", onclick: () => { page--; fill(); } }, "◀ newer"), el("button", { type: "button", onclick: () => { page++; fill(); } }, "older ▶"), place), holder));
  fill();
}

function flattened(value, at = "") {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, inner]) => flattened(inner, at ? `${at}.${key}` : key));
  }
  return [[at, typeof value === "string" ? value : JSON.stringify(value)]];
}

function dataChapter() {
  const grid = chapter("data", "Data and settings");
  grid.append(panel("Data", "", table([
    { name: "symbol", of: (d) => d.symbol, text: true }, { name: "traded", of: (d) => d.traded, text: true }, { name: "file", of: (d) => d.file, text: true, wrap: true },
    { name: "bar", of: (d) => `${d.bar_seconds / 60} min` }, { name: "rows", of: (d) => d.rows, as: count }, { name: "first", of: (d) => d.first, text: true },
    { name: "last", of: (d) => d.last, text: true }, { name: "gaps", of: (d) => d.gaps, as: (v) => (nothing(v) ? "not counted" : count(v)) },
    { name: "volume", of: (d) => (d.volume ? "yes" : "none"), text: true }, { name: "rolls", of: (d) => `${d.rolls}${d.rolls_estimated ? ` (${d.rolls_estimated} est.)` : ""}` },
    { name: "hash", of: (d) => d.hash.slice(0, 12), text: true }], R.data), list([...new Set([...R.data.flatMap((d) => d.notes.map((note) => `${d.symbol}: ${note}`)), ...R.notes.filter((note) => !R.data.some((d) => d.notes.includes(note)))])])));
  if (R.config.overrides.length) grid.append(panel("Overrides of the live configuration", "", list(R.config.overrides)));
  const keys = flattened(R.config.snapshot);
  const settings = table([{ name: "key", of: (r) => r[0], text: true }, { name: "value", of: (r) => r[1], text: true, wrap: true }], keys);
  grid.append(panel("", "", el("details", { class: "mono" }, el("summary", {}, `Parameter snapshot: ${keys.length} keys`), settings)));
}

function build() {
  head();
  equityChapter();
  const jump = chartChapter();
  figuresChapter();
  tablesChapter();
  shapeChapter();
  judgesChapter();
  luckChapter();
  limitsChapter();
  tradesChapter(jump || (() => {}));
  dataChapter();
  if (!S.plots) main.querySelector("h1").after(el("p", { class: "legend" }, "Written without plots: figures and tables only."));
  const bar = el("header", { class: "bar" }, el("strong", {}, R.summary.run_id),
    el("nav", {}, ...anchors.map(([id, words]) => el("a", { href: `#${id}` }, words.replace(part, "")))),
    themeButton(() => redraws.forEach((redraw) => redraw())), el("button", { type: "button", onclick: () => print() }, "print"));
  document.body.append(bar, main);
  redraws.forEach((redraw) => redraw());
}
build();
