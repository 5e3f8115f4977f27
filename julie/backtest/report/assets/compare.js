/* Two runs on one page: curves laid over each other, figures, settings, and the legs that differ. */
const F = embedded("report"), CURVES = embedded("series");
const main = el("main");
const written = (value) => nothing(value) ? "n/a" : typeof value === "number" ? ratio(value, Number.isInteger(value) ? 0 : Math.abs(value) >= 100 ? 2 : 4) : `${value}`;

function overlay() {
  const days = [...new Set(CURVES.flatMap((c) => c.days))].sort();
  const place = new Map(days.map((day, k) => [day, k]));
  const gains = CURVES.map((c) => c.equity.map((level) => level - c.start));
  const [low, high] = padded(edgesOf(gains.flat(), 0));
  const frame = new Frame(1240, 330, [0, Math.max(days.length - 1, 1)], [low, high], { label: "both equity curves" });
  const every = Math.max(Math.ceil(days.length / 8), 1);
  frame.yAxis(shortMoney).xAxis(days.map((_, k) => k).filter((k) => k % every === Math.floor(every / 2)), (k) => days[k]);
  const at = CURVES.map((c, n) => new Map(c.days.map((day, k) => [place.get(day), gains[n][k]])));
  CURVES.forEach((c, n) => frame.add(vec("path", { class: n ? "line second" : "line", d: path(c.days.map((day, k) => [place.get(day), gains[n][k]]), frame) })));
  return frame.hover(days.map((_, k) => k), (k) => [days[k], ...CURVES.map((c, n) => `${c.name} ${money(at[n].get(k))}`)].join("\n")).node;
}

const legColumns = [
  { name: "decided (ET)", of: (l) => l.decided_ts / 1e6, as: stamp, text: true }, { name: "strategy", of: (l) => l.strategy, text: true },
  { name: "instrument", of: (l) => l.instrument, text: true }, { name: "side", of: (l) => (l.side > 0 ? "long" : "short"), text: true },
  { name: "leg", of: (l) => l.leg }, { name: "qty", of: (l) => l.qty }, { name: "in", of: (l) => l.entry_price }, { name: "out", of: (l) => l.exit_price },
  { name: "exit", of: (l) => l.exit_reason, text: true }, { name: "net", of: (l) => l.net, as: money, tone: true }];

function legsPanel(title, legs) {
  const net = legs.reduce((sum, leg) => sum + leg.net, 0);
  return panel(`${title}: ${count(legs.length)} legs, net ${money(net)}${legs.length > 200 ? " (the first 200 are shown)" : ""}`, "", table(legColumns, legs, { limit: 200, look: "tall" }));
}

const grid = el("div", { class: "grid" });
const simulated = CURVES.some((c) => c.simulated) ? el("span", { class: "stamp" }, "SIMULATED DATA") : null;
main.append(el("h1", {}, `${F.a} and ${F.b}`, simulated), grid);
grid.append(
  panel("Net since the start, by trading day: blue the first run, amber the second", "", overlay()),
  panel("Figures", "half", table([{ name: "figure", of: (f) => f.name.replaceAll("_", " "), text: true }, { name: "first", of: (f) => f.a, as: written },
    { name: "second", of: (f) => f.b, as: written }, { name: "change", of: (f) => f.change, as: (v) => (nothing(v) ? "" : written(v)) }], F.summary, { look: "narrow" })),
  panel(`Settings that differ: ${F.settings.length}`, "half", table([{ name: "key", of: (s) => s.key, text: true, wrap: true },
    { name: "first", of: (s) => s.a, as: (v) => `${v ?? "none"}`, text: true, wrap: true }, { name: "second", of: (s) => s.b, as: (v) => `${v ?? "none"}`, text: true, wrap: true }], F.settings, { look: "narrow" })),
  panel(`Same decision, other fills: ${count(F.changed.length)} legs; ${count(F.legs_alike)} are alike`, "", table([
    { name: "decided (ET)", of: (c) => c.a.decided_ts / 1e6, as: stamp, text: true }, { name: "strategy", of: (c) => c.a.strategy, text: true },
    { name: "instrument", of: (c) => c.a.instrument, text: true }, { name: "differs in", of: (c) => c.fields.join(", "), text: true },
    { name: "net, first", of: (c) => c.a.net, as: money, tone: true }, { name: "net, second", of: (c) => c.b.net, as: money, tone: true }], F.changed, { limit: 200, look: "tall" })),
  legsPanel(`Only in ${F.a}`, F.only_a), legsPanel(`Only in ${F.b}`, F.only_b));
document.body.append(el("header", { class: "bar" }, el("strong", {}, "Two runs"), el("nav"), themeButton(() => {}), el("button", { type: "button", onclick: () => print() }, "print")), main);
