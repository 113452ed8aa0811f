// The box around a widget: its title, what it shows as a table and as a file, what it rests on.

const DRAW = {
  metric: drawMetric, comparison: drawComparison, gauge: drawGauge, progress: drawProgress, line: drawLine, area: drawArea, bar: drawBar,
  pie: drawPie, scatter: drawScatter, heatmap: drawHeatmap, table: drawTable, pivot: drawPivot, side_by_side: drawSideBySide,
  waterfall: drawWaterfall, explorer: drawExplorer, drivers: drawDrivers, text: drawText,
};

// What a widget shows as rows: of its table, of its file, of the tests that compare it with SQL.
const figuresOf = (widget) => {
  const { options, type } = widget;
  const { span, before } = spanOf(widget);
  const plain = (headers, rows) => ({ headers, rows });
  if (type === "text") return plain([], []);
  if (DATA[widget.dataset].fault) return { headers: [], rows: [], fault: DATA[widget.dataset].fault };
  const selection = select(widget.dataset, span, widget.where);
  const grouped = (dimension, trees) => groupBy(dimension && options.drill ? select(widget.dataset, span, widget.where, exceptOf(widget)) : selection, dimension ? [{ dimension }] : [], trees).map((group) => [...group.key, ...trees.map((tree) => group.at(tree).value)]);
  switch (type) {
    case "metric": return options.text ? plain([options.text, "value"], grouped(options.text, [options.value]))
      : plain(["value", ...(options.compare && before ? ["before"] : [])], [[total(widget, options.value, span).value, ...(options.compare && before ? [total(widget, options.value, before).value] : [])]]);
    case "gauge": return plain(["value"], grouped(null, [options.value]));
    case "progress": return plain(["value", "goal"], grouped(null, [options.value, options.goal]));
    case "comparison": return plain(options.values.map((each) => each.label), grouped(null, options.values.map((each) => each.value)));
    case "pie": return plain([options.by, "value"], grouped(options.by, [options.value]));
    case "scatter": return plain([options.by, options.x_label || "x", options.y_label || "y"], grouped(options.by, [options.x_value, options.y_value]));
    case "side_by_side": return plain([options.by, ...options.values.map((each) => each.label)], grouped(options.by, options.values.map((each) => each.value)));
    case "explorer": return figuresOf(asBar(widget));
    case "waterfall": return plain([options.steps, "value"], grouped(options.steps, [options.value]));
    case "heatmap": return plain([options.rows, options.columns, "value"], groupBy(selection, [{ dimension: options.rows }, { dimension: options.columns }], [options.value]).map((group) => [...group.key, group.at(options.value).value]));
    case "pivot": {
      const { across, cells, totals, text } = pivotOf(widget);
      return plain([options.rows, ...across.map(text), "total"], totals.map((row) => [row.key, ...across.map((place) => cells.get(`${row.key}\u0001${place}`)?.value ?? null), row.value]));
    }
    case "table": {
      const { columns, rows } = rowsOf(widget);
      const order = orderOf(widget, columns);
      return plain(columns.map((column) => column.label), sortedBy(rows, order.at, order.down).map((row, at) => columns.map((column, number) => (column.as === "rank" ? at + 1 : row.cells[number].value))));
    }
    case "drivers": {
      const told = driversOf(widget);
      return plain(["driver", "value"], told ? [["before", told.whole[0].value], ...Object.entries(told.found), ["now", told.whole[1].value]] : []);
    }
    default: {
      const found = seriesOf(widget, type !== "bar");
      return plain([found.isTime ? found.grain : options.x, ...found.series.map((each) => each.label)],
        found.places.map((place) => [found.isTime ? isoDay(place) : place, ...found.series.map((each) => known(each, place))]));
    }
  }
};

// Text that a spreadsheet would evaluate begins with an apostrophe.
const csvCell = (value) => {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  let text = String(value);
  if (/^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) && !/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const csvOf = ({ headers, rows }) => [headers, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n";
const saveCsv = (widget) => {
  const address = URL.createObjectURL(new Blob(["\ufeff", csvOf(figuresOf(widget))], { type: "text/csv" }));
  const link = element("a", { href: address, download: `${PAGE.name}_${widget.title.toLowerCase().replace(/[^a-z0-9]+/g, "_")}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
};

const plainTable = (widget) => {
  const { headers, rows } = figuresOf(widget);
  const words = (value, at) => (typeof value === "number" ? shown(value, widget.options.values?.[at - 1]?.unit ?? widget.unit) : value === null ? NONE : nameOf(headers[at], value));
  return element("div", { class: "scroll", tabindex: "0" }, element("table", {}, element("thead", {}, element("tr", {}, headers.map((name) => element("th", {}, PAGE.labels[name] ?? titled(String(name)))))),
    element("tbody", {}, rows.slice(0, 500).map((row) => element("tr", {}, row.map((value, at) => element("td", { class: typeof value === "number" ? "number" : null }, words(value, at))))))));
};

const emptyWords = (widget) => {
  const dataset = DATA[widget.dataset];
  if (dataset.fault) return dataset.fault;
  if (widget.empty) return widget.empty;
  if (!dataset.rows) return `No data yet${dataset.from.startsWith("a ") ? "" : ` in ${dataset.from}`}. It fills once sources have some: costops doctor says which are on.`;
  if (Object.keys(STATE.chosen).length) return "Nothing for this choice. Take a filter away, or choose a longer period.";
  if (dataset.has_date && widget.period) return `Nothing from ${spanText(...spanOf(widget).span)} yet.`;
  if (dataset.has_date) return `Nothing from ${spanText(...spanOf(widget).span)}. Choose a longer period.`;
  return "Nothing to show.";
};

// Unit, period, freshness and coverage, in a line.
const footOf = (widget) => {
  const { options } = widget;
  const dataset = DATA[widget.dataset];
  if (dataset.fault) return [];
  const { span } = spanOf(widget);
  const selection = select(widget.dataset, span, widget.where);
  const parts = [UNIT_WORDS[options.values?.[0]?.unit ?? widget.unit]];
  if (widget.type === "table" || widget.type === "side_by_side") parts[0] = "";
  const { last } = dataset;
  if (dataset.has_date && dataset.rows) {
    const from = Math.max(selection.days[0], dataset.first), to = Math.min(selection.days[1], last);
    parts.push(dataset.grain === "month" ? (from > to ? "" : monthStart(from) === monthStart(to) ? monthText(from) : `${monthText(from)} – ${monthText(to)}`) : from <= to ? spanText(from, to) : "");
    if (last < selection.days[1] && dataset.grain !== "month" && PAGE.through !== null && last < PAGE.through) parts.push(`newest ${shortDay(last)}`);
  } else if (PAGE.through !== null) parts.push(`as of ${shortDay(PAGE.through)}`);
  if (dataset.cut && dataset.has_date && span[0] < dayOf(dataset.cut)) parts.push(`page holds it from ${dataset.cut}`);
  let unknown = 0;
  for (const column of Object.values(dataset.unknown)) for (const row of selection.rows) unknown += column[row];
  if (unknown) parts.push(`${grouped(unknown, 0)} unknown`);
  if (selection.ignored.length) parts.push(`not filtered by ${selection.ignored.map((each) => labelOf(each).toLowerCase()).join(", ")}`);
  return parts.filter(Boolean);
};

const DRAWN = [];
const makeWidget = (widget) => {
  const body = element("div", { class: "body" }), foot = element("footer", { title: `From ${DATA[widget.dataset]?.from ?? "text"}${widget.note ? `. ${widget.note}` : ""}` });
  const asTable = element("button", { type: "button", class: "tool", "aria-pressed": "false", title: "Show the figures as a table", "aria-label": `${widget.title} as a table` }, icon("table"));
  const asFile = element("button", { type: "button", class: "tool", title: "Save what is shown as CSV", "aria-label": `${widget.title} as CSV`, on: { click: () => saveCsv(widget) } }, icon("file"));
  const isRows = ["table", "pivot", "side_by_side"].includes(widget.type), isText = widget.type === "text";
  const box = element("section", { class: `widget w-${widget.type}`, "aria-label": widget.title || "Text", style: { "--x": widget.position.x + 1, "--y": widget.position.y + 1, "--w": widget.position.w, "--h": widget.position.h } },
    widget.title && element("header", {}, element("h2", {}, widget.title), !isText && element("span", { class: "tools" }, !isRows && widget.type !== "metric" && asTable, asFile)),
    body, !isText && foot);
  let isTable = false;
  const tell = () => { if (!isText) foot.replaceChildren(...footOf(widget).map((part) => element("span", {}, part))); };
  const measure = () => [Math.max(120, body.clientWidth), Math.max(40, body.clientHeight)];
  const show = ([width, height]) => {
    const ready = isText || !DATA[widget.dataset].fault;
    const parts = ready ? (isTable ? [plainTable(widget)] : DRAW[widget.type](widget, width, height)) : null;
    body.replaceChildren(...(parts ?? [element("p", { class: "empty" }, emptyWords(widget))]).filter(Boolean));
  };
  asTable.addEventListener("click", () => { isTable = !isTable; asTable.setAttribute("aria-pressed", String(isTable)); show(measure()); });
  DRAWN.push({ tell, measure, show, clear: () => body.replaceChildren() });
  return box;
};
