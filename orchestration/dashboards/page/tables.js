// Rows of figures: tables, pivots, two side by side, and what every widget shows as a file.

const NONE = "—";
const amountText = ({ value, unknown }, unit) => {
  if (value === null || value === undefined) return unknown ? UNKNOWN : NONE;
  return unknown ? `≥ ${shown(value, unit)}` : shown(value, unit);
};
const isNumber = (unit) => PAGE.units[unit] !== false;

const spark = (values, width = 84, height = 20) => {
  const present = values.filter((value) => value !== null);
  if (present.length < 2) return element("span", {}, NONE);
  const y = linear(Math.min(0, ...present), Math.max(...present) || 1, height - 2, 2);
  const x = linear(0, values.length - 1, 1, width - 1);
  const points = values.map((value, at) => (value === null ? null : `${x(at)},${y(value)}`)).filter(Boolean).join(" ");
  return picture(width, height, "trend", draw("polyline", { points, class: "spark" }));
};

const rowsOf = (widget) => {
  const { options } = widget;
  const { span, before } = spanOf(widget);
  const selection = select(widget.dataset, span, widget.where, options.drill);
  const columns = options.columns.map((column) => ({
    ...column, unit: column.value === undefined ? column.unit ?? "text" : column.unit ?? widget.unit,
    label: column.label || (column.column ? labelOf(column.column) : "Value"),
  }));
  const held = [...new Set([...columns.filter((column) => column.column).map((column) => column.column), ...(options.details ?? [])])]
    .filter((name) => selection.dataset.dimensions[name]);
  const trees = [...columns.filter((column) => column.value !== undefined).map((column) => column.value), ...(options.order ? [options.order] : [])];
  const keys = held.map((dimension) => ({ dimension }));
  const dated = columns.filter((column) => column.column && !selection.dataset.dimensions[column.column]);
  const groups = groupBy(selection, [...keys, ...dated.map(() => ({ grain: "day" }))], trees);
  const old = columns.some((column) => column.as === "change") && before ? new Map(groupBy(select(widget.dataset, before, widget.where, options.drill), keys, trees).map((group) => [group.key.join("\u0001"), group])) : new Map();
  const trends = new Map();
  if (columns.some((column) => column.as === "trend") && selection.dataset.has_date && selection.rows.length) {
    const grain = span[1] - span[0] > 120 ? "week" : "day";
    const places = [...new Set(selection.rows.map((row) => bucketOf(selection.dataset.days[row], grain)))].sort((a, b) => a - b);
    for (const group of groupBy(selection, [...keys, { grain }], trees)) {
      const key = group.key.slice(0, -1).join("\u0001");
      if (!trends.has(key)) trends.set(key, new Map());
      trends.get(key).set(group.key.at(-1), group);
    }
    trends.places = places;
  }
  const rows = groups.map((group) => {
    const key = group.key.slice(0, held.length);
    const cells = columns.map((column) => {
      if (column.as === "rank") return { value: null };
      if (column.column) {
        const raw = group.key[held.includes(column.column) ? held.indexOf(column.column) : held.length];
        return { value: raw, text: held.includes(column.column) ? nameOf(column.column, raw) : dayText(raw) };
      }
      const now = group.at(column.value);
      if (column.as === "change") {
        const then = old.get(key.join("\u0001"))?.at(column.value);
        return { value: then?.value && now.value !== null ? (now.value / then.value - 1) * 100 : null, unknown: 0 };
      }
      if (column.as === "trend") {
        const line = trends.get(key.join("\u0001"));
        return { ...now, trend: line ? trends.places.map((place) => (line.has(place) ? line.get(place).at(column.value).value : 0)) : [] };
      }
      return now;
    });
    return { key, cells, order: options.order ? group.at(options.order).value : null, details: (options.details ?? []).map((name) => [labelOf(name), group.key[held.indexOf(name)]]), dimension: options.drill ? group.key[held.indexOf(options.drill)] : undefined };
  });
  return { columns, rows, selection };
};

const sortedBy = (rows, at, down) =>
  [...rows].sort((a, b) => {
    const [x, y] = at < 0 ? [a.order, b.order] : [a.cells[at]?.value, b.cells[at]?.value];
    if (x === null || x === undefined) return y === null || y === undefined ? 0 : 1;
    if (y === null || y === undefined) return -1;
    const order = typeof x === "number" && typeof y === "number" ? x - y : String(a.cells[at].text ?? x).localeCompare(String(b.cells[at]?.text ?? y), "en", { numeric: true });
    return down ? -order : order;
  });

const orderOf = (widget, columns) => {
  if (widget.options.order) return { at: -1, down: false };
  const asked = widget.options.sort ?? "";
  const name = asked.replace(/^-/, "").toLowerCase();
  const at = columns.findIndex((column) => [column.label.toLowerCase(), column.column].includes(name));
  if (at >= 0) return { at, down: asked.startsWith("-") };
  const first = columns.findIndex((column) => column.value !== undefined);
  return { at: Math.max(first, 0), down: first >= 0 };
};

const GOOD = /^(current|complete|ok|under|under_budget|under budget|passed|true|on_track|normal|matched|verified|implemented|proposed|low)$/;
const BAD = /^(critical|over|over_budget|over budget|failed|error|missing|held_back|held back|exceeded|false|stale|high|breached)$/;
const WARN = /^(open|warning|at_risk|late|partial|medium|unknown|skipped|near_limit|approaching|adapted)$/;
const badge = (text) => {
  const plain = String(text ?? "unknown").toLowerCase();
  const kind = BAD.test(plain) ? "bad" : WARN.test(plain) ? "warn" : GOOD.test(plain) ? "good" : "plain";
  return element("span", { class: `badge ${kind}` }, String(text ?? "unknown").replaceAll("_", " "));
};

const cellOf = (cell, column, number, most) => {
  if (column.as === "rank") return String(number + 1);
  if (column.as === "status") return badge(cell.text ?? cell.value);
  if (column.as === "trend") return spark(cell.trend);
  if (cell.text !== undefined && column.column) return cell.text;
  const text = amountText(cell, column.as === "change" ? "percent_change" : column.unit);
  if (column.as === "change") return element("span", { class: toneOf(cell.value, column.good || "down") }, text);
  if (column.as === "bar" && cell.value !== null) return element("span", { class: "meter" }, element("i", { style: { width: `${Math.max(0, Math.min(100, (cell.value / (most || 1)) * 100))}%` } }), element("b", {}, text));
  return text;
};

const toneOf = (change, good) => (!change || !good ? "muted" : (change > 0) === (good === "up") ? "better" : "worse");

const drawTable = (widget) => {
  const found = rowsOf(widget);
  if (!found.rows.length) return null;
  const order = orderOf(widget, found.columns);
  const most = found.columns.map((column, at) => Math.max(...found.rows.map((row) => row.cells[at].value ?? 0)));
  const head = element("tr"), body = element("tbody");
  const search = element("input", { type: "search", placeholder: "Search", "aria-label": `Search ${widget.title}` });
  const note = element("p", { class: "more" });
  const fill = () => {
    const wanted = search.value.trim().toLowerCase();
    let rows = sortedBy(found.rows, order.at, order.down);
    const ranked = new Map(rows.map((row, at) => [row, at]));
    if (wanted) rows = rows.filter((row) => row.cells.some((cell) => String(cell.text ?? cell.value ?? "").toLowerCase().includes(wanted)));
    const limit = wanted ? 200 : widget.options.limit || 200;
    body.replaceChildren(...rows.slice(0, limit).flatMap((row) => tableRow(widget, found.columns, row, ranked.get(row), most)));
    note.textContent = rows.length > limit ? `${limit} of ${rows.length} rows; CSV has all` : rows.length ? "" : "nothing is called so";
    note.hidden = !note.textContent;
    head.replaceChildren(...found.columns.map((column, at) =>
      element("th", { scope: "col", class: isNumber(column.unit) && column.as !== "trend" ? "number" : null, "aria-sort": at === order.at ? (order.down ? "descending" : "ascending") : "none" },
        column.as === "rank" ? column.label : element("button", { type: "button", on: { click: () => { order.down = order.at === at ? !order.down : column.value !== undefined; order.at = at; fill(); } } },
          column.label, element("span", { class: "arrow" }, at === order.at ? (order.down ? " ▾" : " ▴") : "")))));
  };
  search.addEventListener("input", fill);
  fill();
  return [found.rows.length > 8 && element("div", { class: "tools" }, search),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": widget.title }, element("table", {}, element("thead", {}, head), body)), note];
};

const isDay = (column, cell) => column.unit === "date" || /^\d{4}-\d\d-\d\d$/.test(cell.text ?? "");
const tableRow = (widget, columns, row, number, most) => {
  const choose = widget.options.drill ? chooser(widget.options.drill, row.dimension) : null;
  const cells = columns.map((column, at) => element("td", { class: isNumber(column.unit) && column.as !== "trend" ? "number" : isDay(column, row.cells[at]) ? "nowrap" : null }, cellOf(row.cells[at], column, number, most[at])));
  const made = element("tr", { class: choose || row.details.length ? `drill ${options_faded(widget, row) ? "faded" : ""}` : null }, cells);
  const shownDetails = row.details.filter(([, text]) => text !== null && text !== "");
  if (!shownDetails.length) {
    if (choose) operate(made, choose, "Filter the page");
    return [made];
  }
  const more = element("tr", { class: "details", hidden: true }, element("td", { colspan: columns.length },
    shownDetails.map(([name, text]) => element("div", {}, element("b", {}, name), detailOf(text)))));
  operate(made, () => { more.hidden = !more.hidden; made.setAttribute("aria-expanded", String(!more.hidden)); choose?.(); }, "Show more");
  made.setAttribute("aria-expanded", "false");
  cells[0]?.prepend(element("span", { class: "twist", "aria-hidden": "true" }, "▸\u00a0"));
  return [made, more];
};
const options_faded = (widget, row) => Boolean(widget.options.drill) && isFaded(widget.options.drill, row.dimension);
const operate = (row, act, words) => {
  row.setAttribute("tabindex", "0");
  row.setAttribute("title", words);
  row.addEventListener("click", act);
  row.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === row) act(); });
};
const detailOf = (text) => {
  try {
    const list = JSON.parse(text);
    if (Array.isArray(list)) return element("ol", {}, list.map((item) => element("li", {}, typeof item === "string" ? item : JSON.stringify(item))));
    if (list && typeof list === "object") return element("p", {}, Object.entries(list).filter(([, value]) => value === null || typeof value !== "object").map(([name, value]) => `${titled(name)}: ${value ?? UNKNOWN}`).join(" · "));
  } catch { /* words, not JSON */ }
  return element(/^\s*(select|from|with)\s/i.test(text) ? "code" : "p", {}, text);
};

const pivotOf = (widget) => {
  const { options } = widget;
  const { span } = spanOf(widget);
  const selection = select(widget.dataset, span, widget.where);
  const byTime = !options.columns;
  const grain = byTime ? (options.grain && options.grain !== "auto" ? options.grain : "month") : null;
  const groups = groupBy(selection, [{ dimension: options.rows }, byTime ? { grain } : { dimension: options.columns }], [options.value]);
  const across = [...new Set(groups.map((group) => group.key[1]))].sort((a, b) => (byTime ? a - b : inOrder(a, b)));
  const cells = new Map(groups.map((group) => [`${group.key[0]}\u0001${group.key[1]}`, group.at(options.value)]));
  const totals = groupBy(selection, [{ dimension: options.rows }], [options.value]).map((group) => ({ key: group.key[0], ...group.at(options.value) })).sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
  return { across, cells, totals, text: (place) => (byTime ? bucketText(place, grain) : nameOf(options.columns, place)) };
};
const drawPivot = (widget) => {
  const { across, cells, totals, text } = pivotOf(widget);
  if (!totals.length) return null;
  const unit = widget.unit;
  const rows = totals.slice(0, widget.options.limit || 100);
  const hasTotals = widget.options.totals !== false;
  return [element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": widget.title }, element("table", { class: "pivot" },
    element("thead", {}, element("tr", {}, element("th", {}, labelOf(widget.options.rows)), across.map((place) => element("th", { class: "number" }, text(place))), hasTotals && element("th", { class: "number" }, "Total"))),
    element("tbody", {}, rows.map((row) => element("tr", {}, element("th", { scope: "row" }, nameOf(widget.options.rows, row.key)),
      across.map((place) => { const cell = cells.get(`${row.key}\u0001${place}`); return element("td", { class: "number" }, cell ? amountText(cell, unit) : NONE); }),
      hasTotals && element("td", { class: "number strong" }, amountText(row, unit)))))))];
};

const drawSideBySide = (widget) => {
  const { options } = widget;
  const { span } = spanOf(widget);
  const trees = options.values.map((each) => each.value);
  const groups = groupBy(select(widget.dataset, span, widget.where), [{ dimension: options.by }], trees)
    .map((group) => ({ key: group.key[0], at: trees.map((tree) => group.at(tree)) })).sort((a, b) => (b.at[0].value ?? -1) - (a.at[0].value ?? -1));
  if (!groups.length) return null;
  const held = (SIDES[widget.id] ??= {});
  const find = (key, fallback) => groups.find((group) => group.key === key) ?? groups[Math.min(fallback, groups.length - 1)];
  const body = element("tbody");
  const picks = ["left", "right"].map((side, number) => element("select", { "aria-label": `${labelOf(options.by)} ${number + 1}`, on: { change: (event) => { held[side] = groups[event.target.selectedIndex].key; fill(); } } },
    groups.map((group) => element("option", { selected: group === find(held[side], number) }, nameOf(options.by, group.key)))));
  const fill = () => {
    const [left, right] = [find(held.left, 0), find(held.right, 1)];
    body.replaceChildren(...options.values.map((each, at) => {
      const unit = each.unit ?? widget.unit;
      const [a, b] = [left.at[at], right.at[at]];
      const change = a.value !== null && b.value ? (a.value / b.value - 1) * 100 : null;
      return element("tr", {}, element("th", { scope: "row" }, each.label), element("td", { class: "number" }, amountText(a, unit)), element("td", { class: "number" }, amountText(b, unit)),
        element("td", { class: "number muted" }, change === null ? NONE : shown(change, "percent_change")));
    }));
  };
  fill();
  return [element("div", { class: "scroll" }, element("table", {}, element("thead", {}, element("tr", {}, element("th", {}, ""), element("th", { class: "number" }, picks[0]), element("th", { class: "number" }, picks[1]), element("th", { class: "number" }, "Difference"))), body))];
};
const SIDES = {};

// One of several figures by one of several dimensions, as the reader chooses.
const EXPLORED = {};
const exploredOf = (widget) => (EXPLORED[widget.id] ??= { value: 0, by: 0 });
const asBar = (widget) => {
  const { value, by } = exploredOf(widget);
  const chosen = widget.options.values[value];
  return { ...widget, type: "bar", unit: chosen.unit ?? widget.unit, options: { values: [{ ...chosen, label: "" }], x: widget.options.by[by], direction: "horizontal", limit: widget.options.limit || 12 } };
};
const drawExplorer = (widget, width, height) => {
  const held = exploredOf(widget);
  const holder = element("div", { class: "explored" });
  const fill = () => holder.replaceChildren(...[drawBar(asBar(widget), width, height - 40) ?? element("p", { class: "empty" }, emptyWords(widget))].flat());
  const pick = (name, labels, words) => element("select", { "aria-label": words, on: { change: (event) => { held[name] = event.target.selectedIndex; fill(); } } }, labels.map((each, at) => element("option", { selected: at === held[name] }, each)));
  fill();
  return [element("div", { class: "picks" }, pick("value", widget.options.values.map((each) => each.label), "Figure"), " by ", pick("by", widget.options.by.map(labelOf), "Dimension")), holder];
};
