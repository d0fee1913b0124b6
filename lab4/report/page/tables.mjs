// Tables that can be sorted by a column and filtered by words.
const FEW_ROWS = 8;

function valueOf(row, column) {
  const cell = [...row.cells].reduce(
    (found, each) => (found.left < 0 ? found : { cell: each, left: found.left - each.colSpan }),
    { cell: row.cells[0], left: column },
  ).cell;
  return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
}

// Numbers before texts: what was not measured comes last, in either direction.
function compared(one, other, sign) {
  if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
  if (typeof one === "number") return sign * (one - other);
  return sign * one.localeCompare(other);
}

function sortBy(table, heading) {
  const isAscending = heading.getAttribute("aria-sort") !== "ascending";
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
  const [body] = table.tBodies;
  const valued = [...body.rows].map((row) => [row, valueOf(row, heading.cellIndex)]);
  valued.sort(([, one], [, other]) => compared(one, other, isAscending ? 1 : -1));
  body.append(...valued.map(([row]) => row));
}

function makeSortable(table) {
  for (const heading of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(table, heading));
    heading.append(button);
  }
}

function makeFilterable(table) {
  const label = document.createElement("label");
  label.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  const count = document.createElement("output");
  label.append("Filter rows ", input, count);
  const rows = [...table.tBodies[0].rows];
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = words.length ? ` ${shown} of ${rows.length} rows` : "";
  });
  table.parentElement.before(label);
}

for (const table of document.querySelectorAll("table.sortable")) {
  makeSortable(table);
  if (table.tBodies[0].rows.length >= FEW_ROWS) makeFilterable(table);
}
