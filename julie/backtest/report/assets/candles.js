/* Candles with the trades on them: drag or arrows to move, wheel or + and − to zoom, double click for all. */
function decodedBars(day) {
  const n = day.bars.length / 4, made = { ms: new Array(n), open: [], high: [], low: [], close: [] };
  let last = day.first_close, missing = 0, gap = 0;
  for (let k = 0; k < n; k++) {
    while (gap < day.gaps.length && day.gaps[gap][0] === k) missing += day.gaps[gap++][1];
    const open = last + day.bars[4 * k], close = open + day.bars[4 * k + 3];
    made.ms[k] = day.start_ms + (k + missing) * day.step_ms;
    made.open.push(open); made.close.push(close);
    made.high.push(Math.max(open, close) + day.bars[4 * k + 1]);
    made.low.push(Math.min(open, close) - day.bars[4 * k + 2]);
    last = close;
  }
  return made;
}

class Candles {
  constructor(canvas, readout) {
    this.canvas = canvas; this.readout = readout;
    this.bars = null; this.trades = []; this.tick = 1; this.from = 0; this.to = 1; this.picked = null;
    canvas.tabIndex = 0;
    canvas.setAttribute("aria-label", "candles with trades");
    canvas.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, this.share(event)); }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => { this.drag = { at: event.clientX, from: this.from, to: this.to }; canvas.setPointerCapture(event.pointerId); });
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    canvas.addEventListener("pointerup", () => { this.drag = null; });
    canvas.addEventListener("pointerleave", () => { this.cross = null; this.draw(); });
    canvas.addEventListener("dblclick", () => this.all());
    canvas.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(canvas);
  }
  show(bars, trades, tick) {
    this.bars = bars; this.trades = trades; this.tick = tick; this.picked = null;
    this.decimals = Math.max(0, (`${tick}`.split(".")[1] || "").length);
    this.overview();
  }
  overview() {
    if (!this.trades.length) return this.all();
    const first = Math.min(...this.trades.map((t) => this.barAt(t.entry_ms))), last = Math.max(...this.trades.map((t) => this.barAt(t.exit_ms)));
    const room = Math.max(30, (last - first) * 0.1);
    return this.setView(first - room, last + room);
  }
  all() { this.from = 0; this.to = this.bars ? this.bars.ms.length : 1; this.draw(); }
  focus(trade) {
    const [a, b] = [this.barAt(trade.entry_ms), this.barAt(trade.exit_ms)];
    const room = Math.max(30, (b - a) * 1.2);
    this.picked = trade;
    this.setView(a - room, b + room);
  }
  setView(from, to) {
    const n = this.bars.ms.length, width = Math.min(Math.max(to - from, 12), n);
    this.from = Math.min(Math.max(from, 0), n - width); this.to = this.from + width;
    this.draw();
  }
  zoom(by, share = 0.5) {
    const width = (this.to - this.from) * by, middle = this.from + (this.to - this.from) * share;
    this.setView(middle - width * share, middle + width * (1 - share));
  }
  key(event) {
    const width = this.to - this.from;
    const acts = {
      ArrowLeft: () => this.setView(this.from - width / 8, this.to - width / 8),
      ArrowRight: () => this.setView(this.from + width / 8, this.to + width / 8),
      "+": () => this.zoom(1 / 1.3), "-": () => this.zoom(1.3), Home: () => this.all(),
    };
    if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  }
  share(event) {
    const box = this.canvas.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / (box.width - 70), 0), 1);
  }
  moved(event) {
    if (!this.bars) return;
    if (this.drag) {
      const bars = (this.drag.at - event.clientX) / (this.canvas.clientWidth - 70) * (this.drag.to - this.drag.from);
      this.setView(this.drag.from + bars, this.drag.to + bars);
      return;
    }
    const box = this.canvas.getBoundingClientRect();
    this.cross = { x: event.clientX - box.left, y: event.clientY - box.top };
    this.draw();
  }
  barAt(ms) {
    let low = 0, high = this.bars.ms.length - 1;
    while (low < high) { const middle = (low + high + 1) >> 1; if (this.bars.ms[middle] <= ms) low = middle; else high = middle - 1; }
    return low;
  }
  inView() {
    return this.trades.filter((t) => this.barAt(t.exit_ms) >= this.from - 1 && this.barAt(t.entry_ms) <= this.to + 1);
  }
  scale(first, last) {
    let low = Infinity, high = -Infinity;
    for (let k = first; k < last; k++) { low = Math.min(low, this.bars.low[k]); high = Math.max(high, this.bars.high[k]); }
    const span = high - low;
    for (const trade of this.inView()) {
      for (const price of [trade.entry_price, trade.exit_price, trade.stop_price, trade.target_price]) {
        const ticks = price / this.tick;
        // a far target must not squeeze the candles
        if (!nothing(price) && ticks > low - span * 0.5 && ticks < high + span * 0.5) { low = Math.min(low, ticks); high = Math.max(high, ticks); }
      }
    }
    const space = (high - low || 4) * 0.06;
    return [low - space, high + space];
  }
  draw() {
    const canvas = this.canvas, density = devicePixelRatio || 1, style = getComputedStyle(document.documentElement);
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!this.bars || !width) return;
    canvas.width = Math.round(width * density); canvas.height = Math.round(height * density);
    const pen = canvas.getContext("2d");
    pen.scale(density, density);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    this.ink = { up: colour("up"), down: colour("down"), line: colour("grid"), muted: colour("muted"), ink: colour("ink"), panel: colour("panel"), accent: colour("accent"), warn: colour("warn") };
    pen.fillStyle = this.ink.panel; pen.fillRect(0, 0, width, height);
    const area = { left: 0, right: width - 70, top: 6, bottom: height - 22 };
    const first = Math.max(Math.floor(this.from), 0), last = Math.min(Math.ceil(this.to), this.bars.ms.length);
    const [low, high] = this.scale(first, last);
    this.toX = (k) => area.left + (k - this.from) / (this.to - this.from) * (area.right - area.left);
    this.toY = (ticks) => area.bottom - (ticks - low) / (high - low) * (area.bottom - area.top);
    this.area = area;
    this.drawAxes(pen, low, high, first, last, width, height);
    pen.save(); pen.beginPath(); pen.rect(area.left, area.top, area.right - area.left, area.bottom - area.top); pen.clip();
    this.drawBars(pen, first, last);
    for (const trade of this.inView()) this.drawTrade(pen, trade);
    pen.restore();
    if (this.cross) this.drawCross(pen, low, high);
  }
  drawAxes(pen, low, high, first, last, width, height) {
    pen.font = "11px system-ui, sans-serif"; pen.strokeStyle = this.ink.line; pen.fillStyle = this.ink.muted; pen.lineWidth = 1;
    for (const price of niceSteps(low * this.tick, high * this.tick, 7)) {
      const y = Math.round(this.toY(price / this.tick)) + 0.5;
      pen.beginPath(); pen.moveTo(0, y); pen.lineTo(this.area.right, y); pen.stroke();
      pen.textAlign = "left"; pen.fillText(price.toFixed(this.decimals), this.area.right + 6, y + 4);
    }
    const wanted = Math.max(Math.floor(width / 110), 2), every = Math.max(Math.ceil((last - first) / wanted), 1);
    pen.textAlign = "center";
    for (let k = Math.ceil(first / every) * every; k < last; k += every) {
      const x = this.toX(k + 0.5);
      if (x < 26 || x > this.area.right - 26) continue;
      pen.beginPath(); pen.moveTo(x, this.area.top); pen.lineTo(x, this.area.bottom); pen.stroke();
      pen.fillText(clock(this.bars.ms[k]), x, height - 7);
    }
  }
  drawBars(pen, first, last) {
    const size = this.toX(1) - this.toX(0), body = Math.max(size * 0.7, 0.6), bars = this.bars;
    for (let k = first; k < last; k++) {
      const x = this.toX(k + 0.5), up = bars.close[k] >= bars.open[k];
      pen.strokeStyle = pen.fillStyle = up ? this.ink.up : this.ink.down;
      pen.globalAlpha = 0.85; pen.lineWidth = Math.min(Math.max(size * 0.12, 0.6), 1.4);
      pen.beginPath(); pen.moveTo(x, this.toY(bars.high[k])); pen.lineTo(x, this.toY(bars.low[k])); pen.stroke();
      const [a, b] = [this.toY(Math.max(bars.open[k], bars.close[k])), this.toY(Math.min(bars.open[k], bars.close[k]))];
      if (size > 1.6) pen.fillRect(x - body / 2, a, body, Math.max(b - a, 1));
    }
    pen.globalAlpha = 1;
  }
  drawTrade(pen, trade) {
    const x = (ms) => this.toX(this.barAt(ms) + 0.5), y = (price) => this.toY(price / this.tick);
    const [a, b] = [x(trade.entry_ms), Math.max(x(trade.exit_ms), x(trade.entry_ms) + 3)], good = trade.net >= 0;
    const strong = this.picked === trade || !this.picked;
    pen.globalAlpha = strong ? 1 : 0.45;
    const level = (price, colour) => {
      if (nothing(price)) return;
      pen.strokeStyle = colour; pen.lineWidth = 1.2; pen.setLineDash([4, 3]);
      pen.beginPath(); pen.moveTo(a, y(price)); pen.lineTo(b, y(price)); pen.stroke(); pen.setLineDash([]);
    };
    level(trade.stop_price, this.ink.down); level(trade.target_price, this.ink.up);
    if (!nothing(trade.stop_at_exit) && trade.stop_at_exit !== trade.stop_price) level(trade.stop_at_exit, this.ink.warn);
    pen.strokeStyle = good ? this.ink.up : this.ink.down; pen.lineWidth = 2;
    pen.beginPath(); pen.moveTo(a, y(trade.entry_price)); pen.lineTo(b, y(trade.exit_price)); pen.stroke();
    pen.fillStyle = this.ink.accent;
    const s = trade.side, tip = y(trade.entry_price);
    pen.beginPath(); pen.moveTo(a, tip); pen.lineTo(a - 6, tip + s * 11); pen.lineTo(a + 6, tip + s * 11); pen.closePath(); pen.fill();
    pen.strokeStyle = this.ink.panel; pen.lineWidth = 1; pen.stroke();
    pen.fillStyle = good ? this.ink.up : this.ink.down;
    pen.beginPath(); pen.arc(b, y(trade.exit_price), 4.5, 0, 7); pen.fill(); pen.stroke();
    if (this.picked === trade || this.to - this.from < 200) {
      pen.font = "600 11px system-ui, sans-serif"; pen.textAlign = "left"; pen.fillStyle = this.ink.ink;
      const label = `${trade.exit_reason} ${money(trade.net)}`, at = y(trade.exit_price) + 4;
      pen.strokeStyle = this.ink.panel; pen.lineWidth = 4; pen.lineJoin = "round";
      pen.strokeText(label, b + 8, at); pen.fillText(label, b + 8, at);
    }
    pen.globalAlpha = 1;
  }
  drawCross(pen, low, high) {
    const { x, y } = this.cross, k = Math.min(Math.max(Math.floor(this.from + x / this.area.right * (this.to - this.from)), 0), this.bars.ms.length - 1);
    pen.strokeStyle = this.ink.muted; pen.setLineDash([2, 3]); pen.lineWidth = 1;
    pen.beginPath(); pen.moveTo(this.toX(k + 0.5), this.area.top); pen.lineTo(this.toX(k + 0.5), this.area.bottom); pen.moveTo(0, y); pen.lineTo(this.area.right, y); pen.stroke(); pen.setLineDash([]);
    const price = (low + (this.area.bottom - y) / (this.area.bottom - this.area.top) * (high - low)) * this.tick;
    pen.fillStyle = this.ink.ink; pen.textAlign = "left"; pen.font = "11px system-ui, sans-serif";
    pen.fillText(price.toFixed(this.decimals), this.area.right + 6, y + 4);
    if (this.readout) {
      const show = (ticks) => (ticks * this.tick).toFixed(this.decimals), bars = this.bars;
      this.readout.textContent = `${stamp(bars.ms[k])} ET   O ${show(bars.open[k])}  H ${show(bars.high[k])}  L ${show(bars.low[k])}  C ${show(bars.close[k])}`;
    }
  }
}

/* Rows of the embedded columns as objects; words stand as places in a list. */
function tradeRows(series) {
  const columns = series.trades.columns, words = series.trades.words, names = Object.keys(columns);
  const n = columns.trade_id.length, rows = new Array(n);
  for (let k = 0; k < n; k++) {
    const row = { place: k };
    for (const name of names) {
      const value = columns[name][k];
      row[name] = words[name] ? (value < 0 ? "" : words[name][value]) : value;
    }
    rows[k] = row;
  }
  return rows;
}
