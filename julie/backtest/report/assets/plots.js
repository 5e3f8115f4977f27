/* Plots as SVG, coloured by the page's style, so that theme and paper need no redrawing. */
const PAD = { left: 66, right: 14, top: 10, bottom: 24 };

function niceSteps(low, high, wanted) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const steps = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) steps.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return steps;
}

function shortMoney(value) {
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (size >= 1e6) return `${sign}$${ratio(size / 1e6, 2)}M`;
  if (size >= 1e4) return `${sign}$${ratio(size / 1e3, 1)}k`;
  return `${sign}$${grouped(size, size % 1 && size < 100 ? 2 : 0)}`;
}

/* A frame with scales: width and height are those of the drawing, which stretches with the page. */
class Frame {
  constructor(width, height, xs, ys, options = {}) {
    this.width = width; this.height = height;
    this.pad = { ...PAD, ...(options.pad || {}) };
    [this.x0, this.x1] = xs; [this.y0, this.y1] = ys;
    if (this.x0 === this.x1) this.x1 = this.x0 + 1;
    if (this.y0 === this.y1) { this.y0 -= 1; this.y1 += 1; }
    this.node = vec("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": options.label || "plot" });
  }
  x(value) { return this.pad.left + (value - this.x0) / (this.x1 - this.x0) * (this.width - this.pad.left - this.pad.right); }
  y(value) { return this.height - this.pad.bottom - (value - this.y0) / (this.y1 - this.y0) * (this.height - this.pad.top - this.pad.bottom); }
  add(...nodes) { this.node.append(...nodes); return this; }
  yAxis(as, wanted = 5) {
    for (const value of niceSteps(this.y0, this.y1, wanted)) {
      const y = this.y(value);
      this.add(
        vec("line", { class: value === 0 ? "zero" : "grid-line", x1: this.pad.left, x2: this.width - this.pad.right, y1: y, y2: y }),
        vec("text", { x: this.pad.left - 6, y: y + 4, "text-anchor": "end" }, as(value)));
    }
    return this;
  }
  xAxis(values, as, withLines = false) {
    for (const value of values) {
      const x = this.x(value);
      if (withLines) this.add(vec("line", { class: value === 0 ? "zero" : "grid-line", x1: x, x2: x, y1: this.pad.top, y2: this.height - this.pad.bottom }));
      this.add(vec("text", { x, y: this.height - 7, "text-anchor": "middle" }, as(value)));
    }
    return this;
  }
  hover(xs, text) {
    const line = vec("line", { class: "cursor", y1: this.pad.top, y2: this.height - this.pad.bottom, visibility: "hidden" });
    this.add(line);
    this.node.addEventListener("mousemove", (event) => {
      const box = this.node.getBoundingClientRect();
      const at = (event.clientX - box.left) / box.width * this.width;
      const value = this.x0 + (at - this.pad.left) / (this.width - this.pad.left - this.pad.right) * (this.x1 - this.x0);
      const place = nearest(xs, value);
      if (place < 0) return;
      const x = this.x(xs[place]);
      line.setAttribute("x1", x); line.setAttribute("x2", x); line.setAttribute("visibility", "visible");
      showTip(event, text(place));
    });
    this.node.addEventListener("mouseleave", () => { line.setAttribute("visibility", "hidden"); hideTip(); });
    return this;
  }
}

function nearest(sorted, value) {
  let low = 0, high = sorted.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle; else high = middle;
  }
  return Math.abs(sorted[low] - value) <= Math.abs(sorted[high] - value) ? low : high;
}

function edgesOf(values, ...more) {
  let low = Infinity, high = -Infinity;
  for (const value of [...values, ...more]) {
    if (nothing(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? [0, 1] : [low, high];
}

/* Keeps the extremes of each pixel column, so that long runs stay light and no spike is lost. */
function thinned(xs, ys, most = 1600) {
  if (xs.length <= most) return xs.map((x, k) => [x, ys[k]]);
  const size = Math.ceil(xs.length / (most / 2)), kept = [];
  for (let from = 0; from < xs.length; from += size) {
    const to = Math.min(from + size, xs.length);
    let low = from, high = from;
    for (let k = from; k < to; k++) { if (ys[k] < ys[low]) low = k; if (ys[k] > ys[high]) high = k; }
    for (const k of low < high ? [low, high] : low > high ? [high, low] : [low]) kept.push([xs[k], ys[k]]);
  }
  if (kept[kept.length - 1][0] !== xs[xs.length - 1]) kept.push([xs[xs.length - 1], ys[xs.length - 1]]);
  return kept;
}

const path = (points, frame) => points.map(([x, y], k) => `${k ? "L" : "M"}${frame.x(x).toFixed(1)} ${frame.y(y).toFixed(1)}`).join("");

function timeSteps(low, high, wanted) {
  const steps = [], dates = new Set(), gap = (high - low) / wanted;
  for (let k = 0; k <= wanted; k++) {
    const at = low + gap * k, day = dateOf(at);
    if (!dates.has(day)) { dates.add(day); steps.push(at); }
  }
  return steps.slice(0, -1);
}

function equityPlot(curve, start, fitted) {
  const xs = curve.ms, ys = curve.cents.map((c) => c / 100);
  const frame = new Frame(1240, 300, edgesOf(xs), padded(edgesOf(ys, start)), { label: "equity" });
  for (const range of fitted) {
    const [a, b] = [Math.max(frame.x(range[0]), frame.pad.left), Math.min(frame.x(range[1]), frame.width - frame.pad.right)];
    if (b > a) frame.add(vec("rect", { class: "fit", x: a, width: b - a, y: frame.pad.top, height: frame.height - frame.pad.top - frame.pad.bottom }));
  }
  frame.yAxis(shortMoney).xAxis(timeSteps(frame.x0, frame.x1, 9), dateOf);
  const points = [[xs[0], start], ...thinned(xs, ys)];
  const base = frame.y(Math.max(Math.min(start, frame.y1), frame.y0));
  const line = path(points, frame);
  frame.add(vec("path", { class: "area", d: `${line}L${frame.x(xs[xs.length - 1])} ${base}L${frame.x(xs[0])} ${base}Z` }), vec("path", { class: "line", d: line }));
  return frame.hover(xs, (k) => `${stamp(xs[k])} ET\nequity ${money(ys[k])}\nunder peak ${money(curve.drawdown[k] / 100)}`).node;
}

function drawdownPlot(curve) {
  const xs = curve.ms, ys = curve.drawdown.map((c) => -c / 100);
  const frame = new Frame(1240, 150, edgesOf(xs), [edgesOf(ys, 0)[0] * 1.05, 0], { label: "drawdown" });
  frame.yAxis(shortMoney, 3).xAxis(timeSteps(frame.x0, frame.x1, 9), dateOf);
  frame.add(vec("path", { class: "fall", d: `M${frame.x(xs[0])} ${frame.y(0)}${path(thinned(xs, ys), frame).replace("M", "L")}L${frame.x(xs[xs.length - 1])} ${frame.y(0)}Z` }));
  return frame.hover(xs, (k) => `${stamp(xs[k])} ET\ndrawdown ${money(ys[k])}`).node;
}

function padded([low, high]) {
  const space = (high - low || 1) * 0.05;
  return [low - space, high + space];
}

/* One bar a value; `as` names the place on hover. */
function barsPlot(values, label, as, options = {}) {
  const [low, high] = edgesOf(values, 0);
  const frame = new Frame(options.width || 1240, options.height || 190, [0, values.length], [low * 1.05, high * 1.05], { label });
  frame.yAxis(options.format || shortMoney, 4);
  const width = Math.max((frame.width - frame.pad.left - frame.pad.right) / values.length * 0.8, 0.7);
  values.forEach((value, k) => {
    const [a, b] = [frame.y(Math.max(value, 0)), frame.y(Math.min(value, 0))];
    const good = options.good ? options.good(k) : value >= 0;
    const kind = options.flat ? "bar-flat" : good ? "bar-up" : "bar-down";
    frame.add(vec("rect", { class: kind, x: frame.x(k + 0.5) - width / 2, width, y: a, height: Math.max(b - a, value ? 0.8 : 0) }));
  });
  if (options.ticks) frame.xAxis(options.ticks.map(([k]) => k), (k) => options.ticks.find(([at]) => at === k)[1]);
  return frame.hover(values.map((_, k) => k + 0.5), as).node;
}

function histogramPlot(values, bins = 40) {
  const [low, high] = edgesOf(values);
  const step = niceSteps(low, high, bins)[1] - niceSteps(low, high, bins)[0] || 1;
  const first = Math.floor(low / step);
  const counts = new Array(Math.floor(high / step) - first + 1).fill(0);
  for (const value of values) counts[Math.floor(value / step) - first]++;
  const frame = new Frame(610, 260, [first * step, (first + counts.length) * step], [0, Math.max(...counts) * 1.05], { label: "distribution of results" });
  frame.yAxis(count, 4).xAxis(niceSteps(frame.x0, frame.x1, 7), shortMoney, true);
  counts.forEach((n, k) => {
    if (!n) return;
    const [a, b] = [frame.x((first + k) * step), frame.x((first + k + 1) * step)];
    const kind = (first + k) >= 0 ? "bar-up" : "bar-down";
    frame.add(vec("rect", { class: kind, x: a + 0.5, width: Math.max(b - a - 1, 0.5), y: frame.y(n), height: frame.y(0) - frame.y(n) }));
  });
  return frame.hover(counts.map((_, k) => (first + k + 0.5) * step), (k) => `${money((first + k) * step)} to ${money((first + k + 1) * step)}\n${count(counts[k])} trades`).node;
}

function scatterPlot(points, options) {
  const most = 4000, every = Math.ceil(points.length / most);
  const drawn = points.filter((_, k) => k % every === 0);
  const frame = new Frame(610, 260, padded(edgesOf(points.map((p) => p.x), 0)), padded(edgesOf(points.map((p) => p.y), 0)), { label: options.label });
  frame.yAxis(shortMoney, 5).xAxis(niceSteps(frame.x0, frame.x1, 6), shortMoney, true);
  for (const point of drawn) {
    frame.add(vec("circle", { class: point.good ? "dot-up" : "dot-down", cx: frame.x(point.x).toFixed(1), cy: frame.y(point.y).toFixed(1), r: 2.6 }));
  }
  frame.add(vec("text", { x: frame.width - frame.pad.right, y: frame.height - frame.pad.bottom - 5, "text-anchor": "end" }, options.x),
    vec("text", { x: frame.pad.left + 5, y: frame.pad.top + 11 }, options.y));
  return frame.node;
}

function fanPlot(drawn, days, start) {
  const xs = [0, ...drawn.fan_days], line = (name) => [start, ...drawn.fan[name]];
  const all = [...line("p5"), ...line("p95"), ...days.map((d) => d.equity)];
  const frame = new Frame(610, 260, [0, xs[xs.length - 1]], padded(edgesOf(all)), { label: "resampled days" });
  frame.yAxis(shortMoney, 5).xAxis(niceSteps(0, frame.x1, 6), (d) => `${d} d`);
  const band = (low, high, kind) => vec("path", {
    class: kind, d: path(xs.map((x, k) => [x, line(high)[k]]), frame) + path(xs.map((x, k) => [x, line(low)[k]]).reverse(), frame).replace("M", "L") + "Z",
  });
  frame.add(band("p5", "p95", "fan-wide"), band("p25", "p75", "fan-near"));
  frame.add(vec("path", { class: "line second", "stroke-dasharray": "5 3", d: path(xs.map((x, k) => [x, line("p50")[k]]), frame) }));
  if (days.length) frame.add(vec("path", { class: "line", d: path([[0, start], ...days.map((d, k) => [k + 1, d.equity])], frame) }));
  return frame.hover(xs, (k) => `after ${xs[k]} days\n95 %  ${money(line("p95")[k])}\nhalf  ${money(line("p50")[k])}\n 5 %  ${money(line("p5")[k])}`).node;
}

/* Lines over days with an optional limit; null breaks nothing, it is left out. */
function daysPlot(days, lines, options) {
  const values = lines.flatMap((line) => line.values).filter((v) => !nothing(v));
  const frame = new Frame(610, 230, [0, Math.max(days.length - 1, 1)], padded(edgesOf(values, ...(options.more || []))), { label: options.label });
  frame.yAxis(shortMoney, 5).xAxis([0.06, 0.36, 0.66, 0.94].map((s) => Math.round(s * (days.length - 1))).filter((k, n, all) => all.indexOf(k) === n), (k) => days[k]);
  for (const line of lines) {
    const points = line.values.map((v, k) => [k, v]).filter(([, v]) => !nothing(v));
    frame.add(vec("path", { class: line.kind, d: path(points, frame) }));
  }
  return frame.hover(days.map((_, k) => k), (k) => [days[k], ...lines.map((l) => `${l.name} ${money(l.values[k])}`)].join("\n")).node;
}

/* A table of coloured cells: rows × columns of {value, words} or null. */
function heatMap(rowNames, columnNames, cell) {
  const values = rowNames.flatMap((r) => columnNames.map((c) => cell(r, c))).filter(Boolean).map((c) => Math.abs(c.value)).sort((a, b) => a - b);
  const strong = values.length ? values[Math.floor((values.length - 1) * 0.95)] || 1 : 1;
  const head = el("tr", {}, el("th"), ...columnNames.map((name) => el("th", {}, name)));
  const body = rowNames.map((row) => el("tr", {}, el("th", {}, row), ...columnNames.map((column) => {
    const found = cell(row, column);
    if (!found) return el("td");
    const strength = Math.round(Math.min(Math.abs(found.value) / strong, 1) * 75 + 8);
    const colour = found.value >= 0 ? "var(--up)" : "var(--down)";
    return el("td", {
      style: `background:color-mix(in srgb, ${colour} ${strength}%, var(--soft))`,
      onmousemove: (event) => showTip(event, `${row} ${column}\n${found.words}`), onmouseleave: hideTip,
    }, found.short);
  })));
  return el("div", { class: "scroll" }, el("table", { class: "heat" }, el("thead", {}, head), el("tbody", {}, ...body)));
}
