/* One card a trade: its candles, entry, exit, first stop and target, and the figures of its legs. */
const T = embedded("report"), S = embedded("series");
const main = el("main"), charts = [];
const rows = tradeRows(S);
const decimals = (tick) => Math.max(0, (`${tick}`.split(".")[1] || "").length);

function card(window_) {
  const legs = window_.trades.map((place) => rows[place]), first = legs[0], tick = S.ticks[window_.symbol];
  const net = legs.reduce((sum, leg) => sum + leg.net, 0), price = (value) => (nothing(value) ? "" : value.toFixed(decimals(tick)));
  const canvas = el("canvas", { class: "candles small" }), readout = el("span", { class: "legend mono" }), chart = new Candles(canvas, readout);
  charts.push(() => chart.draw());
  queueMicrotask(() => { chart.show(decodedBars(window_), legs, tick); chart.all(); });
  return el("section", { class: "panel half" },
    el("div", { class: "tools" }, el("strong", {}, `#${first.trade_id} ${first.strategy}`), el("span", {}, `${window_.symbol} ${first.side > 0 ? "long" : "short"}`),
      el("span", { class: "muted" }, `${stamp(first.entry_ms)} ET`), el("span", { class: "grow" }), el("strong", { class: tone(net) }, money(net))),
    canvas, readout,
    table([
      { name: "leg", of: (l) => l.leg }, { name: "qty", of: (l) => l.qty }, { name: "in", of: (l) => l.entry_price, as: price }, { name: "stop", of: (l) => l.stop_price, as: price },
      { name: "target", of: (l) => l.target_price, as: price }, { name: "out", of: (l) => l.exit_price, as: price }, { name: "at", of: (l) => l.exit_ms, as: clock, text: true },
      { name: "exit", of: (l) => l.exit_reason + (l.tie ? " (tie)" : ""), text: true }, { name: "MAE", of: (l) => l.mae, as: money }, { name: "MFE", of: (l) => l.mfe, as: money },
      { name: "net", of: (l) => l.net, as: money, tone: true }], legs, { look: "narrow" }));
}

main.append(el("h1", {}, `Trades of ${T.run_id}`, T.simulated ? el("span", { class: "stamp" }, "SIMULATED DATA") : null),
  el("p", { class: "lead" }, `${T.words} Blue arrow = entry, dot = exit, dashed = first stop and target, amber = moved stop. Drag to move, wheel to zoom, double click for all.`),
  el("div", { class: "grid" }, ...S.windows.map(card)));
document.body.append(el("header", { class: "bar" }, el("strong", {}, T.run_id), el("nav"), themeButton(() => charts.forEach((draw) => draw())),
  el("button", { type: "button", onclick: () => print() }, "print")), main);
