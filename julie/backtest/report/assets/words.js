/* Elements and figures: how things are made and how numbers are written. */
const SVG = "http://www.w3.org/2000/svg";

function el(tag, attrs, ...children) {
  return filled(document.createElement(tag), attrs, children);
}

function vec(tag, attrs, ...children) {
  return filled(document.createElementNS(SVG, tag), attrs, children);
}

function filled(node, attrs, children) {
  for (const [name, value] of Object.entries(attrs || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

function embedded(id) {
  const node = document.getElementById(id);
  return node ? JSON.parse(node.textContent) : null;
}

const nothing = (value) => value === null || value === undefined || Number.isNaN(value);
const grouped = (value, digits) =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
const count = (value) => (nothing(value) ? "n/a" : grouped(value, 0));
const ratio = (value, digits = 2) => (nothing(value) ? "n/a" : grouped(value, digits));
const share = (value, digits = 1) => (nothing(value) ? "n/a" : `${grouped(100 * value, digits)} %`);
function money(value, digits = 2) {
  if (nothing(value)) return "n/a";
  const rounded = grouped(Math.abs(value), digits);
  return `${value < 0 && Number(rounded.replace(/,/g, "")) !== 0 ? "−" : ""}$${rounded}`;
}
const tone = (value) => (nothing(value) || value === 0 ? "" : value > 0 ? "up" : "down");

const EASTERN = "America/New_York";
const stampFormat = new Intl.DateTimeFormat("en-CA", {
  timeZone: EASTERN, year: "numeric", month: "2-digit", day: "2-digit",
  hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const clockFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: EASTERN, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const dayFormat = new Intl.DateTimeFormat("en-CA", {
  timeZone: EASTERN, year: "numeric", month: "2-digit", day: "2-digit",
});
const stamp = (ms) => stampFormat.format(ms).replace(", ", " ");
const clock = (ms) => clockFormat.format(ms);
const dateOf = (ms) => dayFormat.format(ms);

const tip = el("div", { class: "tip" });
function showTip(event, text) {
  if (!tip.isConnected) document.body.append(tip);
  tip.textContent = text;
  tip.style.display = "block";
  const right = event.clientX + 16 + tip.offsetWidth > innerWidth;
  tip.style.left = `${event.clientX + (right ? -tip.offsetWidth - 12 : 14)}px`;
  tip.style.top = `${Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 6)}px`;
}
function hideTip() { tip.style.display = "none"; }

function panel(title, size, ...children) {
  return el("section", { class: `panel ${size}` }, title ? el("h3", {}, title) : null, ...children);
}

/* Columns: {name, of(row) -> value, as(value) -> text, tone, text}. Clicking a head sorts by it. */
function table(columns, rows, options = {}) {
  const body = el("tbody");
  let order = rows.map((_, place) => place);
  let sorted = null;
  const shown = () => (options.limit ? order.slice(0, options.limit) : order);
  function fill() {
    body.replaceChildren(...shown().map((place) => {
      const row = rows[place];
      const cells = columns.map((column) => {
        const value = column.of(row);
        const classes = [column.text ? "text" : "", column.wrap ? "wrap" : "", column.tone ? tone(value) : ""];
        return el("td", { class: classes.join(" ").trim() || null }, column.as ? column.as(value) : `${value}`);
      });
      const line = el("tr", options.pick ? { onclick: () => options.pick(row), style: "cursor:pointer" } : {}, ...cells);
      return line;
    }));
  }
  function sortBy(column) {
    const back = sorted === column;
    sorted = back ? null : column;
    const low = (value) => (nothing(value) ? -Infinity : value);
    order = [...order].sort((a, b) => {
      const [one, two] = [low(column.of(rows[a])), low(column.of(rows[b]))];
      const rise = one < two ? -1 : one > two ? 1 : a - b;
      return back || column.text ? rise : -rise;
    });
    fill();
  }
  const heads = columns.map((column) => el("th", {
    class: `sorts ${column.text ? "text" : ""}`, title: column.hint || "sort by this", onclick: () => sortBy(column),
  }, column.name));
  fill();
  return el("div", { class: `scroll ${options.look || ""}` }, el("table", {}, el("thead", {}, el("tr", {}, ...heads)), body));
}

function themeButton(redraw) {
  const dark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const button = el("button", {
    type: "button", title: "light or dark",
    onclick: () => {
      document.documentElement.dataset.theme = dark() ? "light" : "dark";
      redraw();
    },
  }, "◐ theme");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  let before = null;
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme || "";
    document.documentElement.dataset.theme = "light";
    redraw();
  });
  addEventListener("afterprint", () => {
    if (before) document.documentElement.dataset.theme = before;
    else delete document.documentElement.dataset.theme;
    redraw();
  });
  return button;
}
