// Tables, filters and permanent links of a site. Every page holds its data as JSON; nothing is fetched, and every text
// of the data becomes text of the page, never HTML.

const root = document.documentElement.dataset.root;
const form = document.querySelector("form.filters");
const controls = form ? [...form.elements].filter((each) => each.name) : [];
// Labels of steps keep this share of the time between them, and are left out where they would meet.
const LABEL_GAP = 0.09;
// Columns whose texts are never wrapped: a date in three lines is no date.
const SHORT = ["when", "revision", "before"];
// A text of so many characters has a column of a readable width.
const LONG_TEXT = 40;
const MOST_PRINTED = 5000;

// What a link keeps is in its fragment, which works for files too. Filters that a page does not have are kept as well.
const chosen = () => new URLSearchParams(location.hash.slice(1));

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function link(text, path) {
  return element("a", { href: root + path + location.hash }, text);
}

function numberText(value, decimals) {
  if (value === null || value === undefined) return "–";
  const digits =
    decimals === undefined
      ? { maximumSignificantDigits: 3, minimumSignificantDigits: Math.abs(value) < 1000 && value !== 0 ? 3 : 1 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString("en", digits);
}

function textOf(column, value) {
  if (value === null || value === undefined) return "";
  if (column.values && value < 0) return "several";
  switch (column.type) {
    case "axis":
      return column.values[value][1];
    case "link":
      return column.values[value][0];
    case "pick":
      return column.values[value];
    case "amount":
      return value[1];
    case "run":
      return String(value);
    case "number":
    case "level":
      return numberText(value, column.decimals);
    default:
      return value;
  }
}

// What rows are sorted by; null comes last in either direction.
function keyOf(column, value) {
  if (value === null || value === undefined) return null;
  if (column.type === "amount") return value[0];
  return typeof value === "number" && !column.values ? value : textOf(column, value).toLowerCase();
}

function compared(one, other, sign) {
  if (one === null || other === null) return (one === null) - (other === null);
  return sign * (typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(other));
}

function median(values) {
  const ordered = [...values].sort((one, other) => one - other);
  const middle = ordered.length >> 1;
  return ordered.length % 2 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
}

class Table {
  constructor(section) {
    this.section = section;
    const data = JSON.parse(section.querySelector("script").textContent);
    this.columns = data.columns;
    this.rows = data.rows;
    this.most = Number(section.dataset.most);
    this.isWhole = false;
    this.place = section.querySelector(".place");
    this.count = section.querySelector("output");
    this.table = element("table", { id: section.dataset.key });
    this.body = element("tbody");
    this.head = element("tr");
    this.table.append(element("thead", {}, this.head), this.body);
    this.more = element("button", { type: "button", className: "more" });
    this.more.addEventListener("click", () => {
      this.isWhole = true;
      this.draw();
    });
    this.place.replaceChildren(this.table);
    section.append(this.more);
  }

  // A column of levels is hidden where another machine is asked for, unless its machine is the reference.
  shown() {
    const { machine, to } = selected();
    return this.columns
      .map((column, at) => [column, at])
      .filter(([column]) => !column.hidden)
      .filter(([column]) => column.type !== "level" || !machine || column.machine === machine || column.machine === to);
  }

  filtered() {
    const filters = selected();
    const tests = this.columns.flatMap((column, at) => {
      const wanted = column.type === "axis" ? filters[column.key] : undefined;
      if (!wanted) return [];
      const index = column.values.findIndex(([name]) => name === wanted);
      // A negative index is of a row about several values, which any of them finds.
      return [(row) => row[at] === index || row[at] < 0];
    });
    const words = (filters.q || "").toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length) {
      tests.push((row) => {
        const text = this.columns.map((column, at) => textOf(column, row[at])).join(" ").toLowerCase();
        return words.every((word) => text.includes(word));
      });
    }
    return this.rows.filter((row) => tests.every((test) => test(row)));
  }

  sorted(rows) {
    if (!this.order) return rows;
    const { at, sign } = this.order;
    const keys = new Map(rows.map((row) => [row, keyOf(this.columns[at], row[at])]));
    return [...rows].sort((one, other) => compared(keys.get(one), keys.get(other), sign));
  }

  sortBy(at) {
    this.order = { at, sign: this.order && this.order.at === at ? -this.order.sign : 1 };
    this.draw();
    this.head.querySelector(`[data-at="${at}"]`).focus();
  }

  heading([column, at]) {
    const button = element("button", { type: "button" }, column.name);
    button.dataset.at = at;
    button.addEventListener("click", () => this.sortBy(at));
    const heading = element("th", { scope: "col" }, button);
    if (this.order && this.order.at === at) {
      heading.setAttribute("aria-sort", this.order.sign > 0 ? "ascending" : "descending");
    }
    return heading;
  }

  cell([column, at], row, isFirst) {
    const value = row[at];
    const made = element(isFirst ? "th" : "td");
    if (isFirst) made.scope = "row";
    if (["number", "level", "amount"].includes(column.type)) made.className = "figure";
    if (SHORT.includes(column.key)) made.className = "short";
    if (column.type === "pick" && textOf(column, value).length > LONG_TEXT) made.className = "words";
    if (value === null || value === undefined) made.append(column.type === "text" ? "" : "–");
    else if (column.type === "link") made.append(column.values[value][1] ? link(...column.values[value]) : column.values[value][0]);
    else if (column.type === "run") made.append(link(String(value), `run/${value}.html`));
    else if (column.type === "level") made.append(...this.level(column, value, row));
    else made.append(textOf(column, value));
    return made;
  }

  level(column, value, row) {
    const at = this.columns.findIndex((each) => each.machine && each.machine === selected().to);
    const reference = at < 0 ? null : row[at];
    const text = numberText(value);
    return reference ? [text, element("small", {}, ` ${numberText((100 * value) / reference)}%`)] : [text];
  }

  draw() {
    const shown = this.shown();
    const found = this.sorted(this.filtered());
    const most = this.isWhole ? found.length : Math.min(this.most, found.length);
    this.head.replaceChildren(...shown.map((each) => this.heading(each)));
    this.body.replaceChildren(
      ...found
        .slice(0, most)
        .map((row) => element("tr", {}, ...shown.map((each, number) => this.cell(each, row, number === 0)))),
    );
    const rows = `${found.length.toLocaleString("en")} ${found.length === 1 ? "row" : "rows"}`;
    const left = found.length < this.rows.length ? ` of ${this.rows.length.toLocaleString("en")}` : "";
    this.count.textContent = found.length ? `${rows}${left}` : this.section.dataset.empty;
    this.place.hidden = !found.length;
    this.more.hidden = most >= found.length;
    this.more.textContent = `Show all ${rows}`;
  }

  // The filtered rows as objects, for charts.
  points(field) {
    const at = this.columns.findIndex((column) => column.key === field);
    return this.filtered()
      .filter((row) => row[at] !== null && row[at] !== undefined)
      .map((row) => {
        const texts = this.columns.flatMap((column, number) =>
          ["when", "machine", "run", "revision", "interval"].includes(column.key) ? [[column.key, textOf(column, row[number])]] : [],
        );
        return { ...Object.fromEntries(texts), y: row[at] };
      });
  }

  // The median ratio of each machine's levels to the reference's, over the rows that both have.
  ratios() {
    const { to } = selected();
    const reference = this.columns.findIndex((column) => column.machine === to);
    const rows = this.filtered();
    return this.shown()
      .filter(([column]) => column.type === "level")
      .flatMap(([column, at]) => {
        const ratios = rows.filter((row) => row[at] && row[reference]).map((row) => (100 * row[at]) / row[reference]);
        return ratios.length ? [{ machine: column.name, percent: median(ratios), cells: ratios.length }] : [];
      });
  }
}

function selected() {
  return Object.fromEntries(controls.map((control) => [control.name, control.value]));
}

const tables = new Map(
  [...document.querySelectorAll("section.data")].map((section) => [section.dataset.key, new Table(section)]),
);

const charts = [...document.querySelectorAll("figure.chart")].map((figure) => {
  const script = figure.querySelector("script");
  return { figure, script, specification: JSON.parse(script.textContent), table: tables.get(figure.dataset.table) };
});

// Each value in percent of the median of its machine.
function relative(rows) {
  const values = new Map();
  for (const { machine, y } of rows) {
    if (!values.has(machine)) values.set(machine, []);
    values.get(machine).push(y);
  }
  const usual = new Map([...values].map(([machine, all]) => [machine, median(all)]));
  return rows.filter(({ machine }) => usual.get(machine)).map((row) => ({ ...row, y: (100 * row.y) / usual.get(row.machine) }));
}

function labelled(steps, rows) {
  const times = rows.map(({ when }) => Date.parse(when));
  const gap = LABEL_GAP * times.reduce((most, each) => Math.max(most, each - times.at(-1), times[0] - each), 0);
  let last = -Infinity;
  return [...steps]
    .sort((one, other) => Date.parse(one.when) - Date.parse(other.when))
    .map((step) => {
      const at = Date.parse(step.when);
      if (at - last < gap) return { ...step, label: "" };
      last = at;
      return step;
    });
}

// The specification with these rows: without layers that have none, and with another axis for relative values.
function filled(specification, rows, steps, isRelative) {
  const made = structuredClone({ ...specification, datasets: { rows, steps } });
  made.layer = made.layer.filter(({ data }) => data.name !== "steps" || steps.length);
  if (isRelative) {
    for (const { data, encoding } of made.layer) {
      if (data.name === "rows") Object.assign(encoding.y, { title: "% of the machine's median", scale: { zero: false } });
    }
  }
  return made;
}

function drawChart({ figure, script, specification, table }) {
  const { machine, scale } = selected();
  const isRatio = figure.dataset.uses === "ratios";
  const isRelative = scale === "relative" && !isRatio;
  const found = isRatio ? table.ratios() : table.points(figure.dataset.field);
  const rows = isRelative ? relative(found) : found;
  const steps = (specification.datasets.steps || []).filter((each) => !machine || each.key === machine);
  script.textContent = JSON.stringify(filled(specification, rows, labelled(steps, rows), isRelative));
  figure.hidden = !rows.length;
  if (rows.length) figure.dispatchEvent(new Event("lab4-draw", { bubbles: true }));
}

// Controls as the fragment says; a value that the history does not have is named, and left out.
function readLink() {
  const wanted = chosen();
  const unknown = [];
  for (const control of controls) {
    const value = wanted.get(control.name);
    const usual = control.dataset.usual || "";
    const isThere = value === null || control.type === "search" || [...control.options].some((each) => each.value === value);
    control.value = value !== null && isThere ? value : usual;
    if (!isThere) unknown.push(`${control.name} ${value}`);
  }
  const said = form && form.querySelector("output");
  if (said) said.textContent = unknown.length ? `This page has no ${unknown.join(" and no ")}: the filter is left out.` : "";
}

function writeLink() {
  const wanted = chosen();
  for (const control of controls) {
    if (control.value && control.value !== (control.dataset.usual || "")) wanted.set(control.name, control.value);
    else wanted.delete(control.name);
  }
  // Without a new entry of the browser's history for every letter that is typed.
  history.replaceState(null, "", `#${wanted}`);
}

function drawAll() {
  for (const each of document.querySelectorAll("a[data-keep]")) {
    each.setAttribute("href", each.getAttribute("href").split("#")[0] + location.hash);
  }
  for (const table of tables.values()) table.draw();
  for (const chart of charts) drawChart(chart);
}

if (form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    writeLink();
    drawAll();
  });
  form.querySelector("button").addEventListener("click", () => {
    for (const control of controls) control.value = control.dataset.usual || "";
    writeLink();
    drawAll();
  });
}
addEventListener("hashchange", () => {
  readLink();
  drawAll();
});
addEventListener("beforeprint", () => {
  for (const table of tables.values()) {
    table.isWhole = table.rows.length <= MOST_PRINTED;
    table.draw();
  }
});
readLink();
drawAll();
