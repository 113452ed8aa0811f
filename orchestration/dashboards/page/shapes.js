// Shares, points, cells and steps.

const drawPie = (widget, width, height) => {
  const { options } = widget;
  const { span } = spanOf(widget);
  const groups = groupBy(select(widget.dataset, span, widget.where, exceptOf(widget)), [{ dimension: options.by }], [options.value]);
  const parts = leading(groups.map((group) => ({ key: group.key[0], label: nameOf(options.by, group.key[0]), ...group.at(options.value) })), options.limit || 6, options.value)
    .filter((part) => part.value > 0);
  const sum = parts.reduce((all, part) => all + part.value, 0);
  if (!parts.length) return null;
  const columns = coloursOf(parts.length, parts.at(-1).key === OTHERS);
  const isNarrow = width < 380;
  const size = Math.max(90, Math.min(isNarrow ? 190 : height - 4, width * (isNarrow ? 0.7 : 0.5), 240));
  const radius = size / 2 - 2, hole = radius * 0.55;
  const svg = picture(size, size, `${widget.title}: ${parts.map((part) => `${part.label} ${percent("", (part.value / sum) * 100)}`).join(", ")}`);
  let angle = -Math.PI / 2;
  parts.forEach((part, at) => {
    const turn = (part.value / sum) * 2 * Math.PI;
    const end = angle + Math.min(turn, 2 * Math.PI - 1e-4);
    const at_ = (a, r) => `${size / 2 + Math.cos(a) * r} ${size / 2 + Math.sin(a) * r}`;
    const large = turn > Math.PI ? 1 : 0;
    const slice = draw("path", { class: `slice ${options.drill ? "drill" : ""} ${options.drill && isFaded(options.by, part.key) ? "faded" : ""}`, fill: columns[at], d: `M${at_(angle, radius)} A${radius} ${radius} 0 ${large} 1 ${at_(end, radius)} L${at_(end, hole)} A${hole} ${hole} 0 ${large} 0 ${at_(angle, hole)} Z` });
    activate(slice, options.drill ? chooser(options.by, part.key) : null, part.label, () => [{ label: percent("", (part.value / sum) * 100), text: amountText(part, widget.unit) }]);
    svg.append(slice);
    angle += turn;
  });
  svg.append(label(size / 2, size / 2 + 5, (parts.some((part) => part.unknown) ? "≥ " : "") + shown(sum, widget.unit, true), { "text-anchor": "middle", class: "center" }));
  const list = element("ul", { class: "shares" }, parts.map((part, at) =>
    element("li", {}, element("i", { style: { background: columns[at] } }), element("span", {}, part.label), element("b", {}, percent("", (part.value / sum) * 100)), element("em", {}, amountText(part, widget.unit)))));
  return [element("div", { class: isNarrow ? "pie narrow" : "pie" }, svg, list)];
};

const drawScatter = (widget, width, height) => {
  const { options } = widget;
  const { span } = spanOf(widget);
  const trees = [options.x_value, options.y_value, ...(options.size ? [options.size] : [])];
  const points = groupBy(select(widget.dataset, span, widget.where, exceptOf(widget)), [{ dimension: options.by }], trees)
    .map((group) => ({ key: group.key[0], x: group.at(trees[0]).value, y: group.at(trees[1]).value, size: trees[2] ? group.at(trees[2]).value : 1 }))
    .filter((point) => point.x !== null && point.y !== null);
  if (!points.length) return null;
  const [xUnit, yUnit] = [options.x_unit ?? "count", options.y_unit ?? widget.unit];
  const box = frame(width, height, 0, Math.max(...points.map((point) => point.y)), yUnit, 36);
  const across = niceTicks(0, Math.max(...points.map((point) => point.x)), Math.max(2, Math.floor(width / 110)), xUnit);
  const x = linear(across.low, across.high, box.left + 8, box.right - 12);
  const most = Math.max(...points.map((point) => point.size ?? 0)) || 1;
  const svg = picture(width, height, `${widget.title}: ${points.length} points`, box.lines);
  across.ticks.forEach((tick) => svg.append(label(x(tick), height - 22, tickText(tick, xUnit, across.step), { "text-anchor": "middle" })));
  svg.append(label((box.left + box.right) / 2, height - 5, options.x_label ?? "", { "text-anchor": "middle" }));
  if (options.y_label) svg.append(label(box.left + 4, 12, options.y_label, {}));
  const taken = points.map((point) => { const size = 4 + 12 * Math.sqrt(Math.max(0, point.size ?? 0) / most) * (trees[2] ? 1 : 0); return { x: x(point.x) - size, y: box.y(point.y), w: 2 * size, h: size }; });
  points.sort((a, b) => (b.size ?? 0) - (a.size ?? 0)).forEach((point) => {
    const name = nameOf(options.by, point.key);
    const radius = 4 + 12 * Math.sqrt(Math.max(0, point.size ?? 0) / most) * (trees[2] ? 1 : 0);
    const dot = draw("circle", { cx: x(point.x), cy: box.y(point.y), r: radius, class: `dot ${options.drill ? "drill" : ""} ${options.drill && isFaded(options.by, point.key) ? "faded" : ""}`, fill: colour(1) });
    activate(dot, options.drill ? chooser(options.by, point.key) : null, name, () => [
      { label: options.x_label ?? "x", text: shown(point.x, xUnit) }, { label: options.y_label ?? "y", text: shown(point.y, yUnit) }]);
    svg.append(dot);
    const wide = widthOf(name), right = x(point.x) + radius + 4;
    const at = right + wide > box.right ? x(point.x) - radius - 4 - wide : right;
    const spot = { x: at, y: box.y(point.y), w: wide };
    if (at > box.left && !taken.some((other) => Math.abs(other.y - spot.y) < (other.h ?? 6) + 7 && other.x < spot.x + spot.w && spot.x < other.x + other.w)) {
      taken.push(spot);
      svg.append(label(at, spot.y + 4, name, {}));
    }
  });
  return [svg];
};

const drawHeatmap = (widget, width, height) => {
  const { options } = widget;
  const { span } = spanOf(widget);
  const cells = groupBy(select(widget.dataset, span, widget.where), [{ dimension: options.rows }, { dimension: options.columns }], [options.value])
    .map((group) => ({ row: group.key[0], column: group.key[1], ...group.at(options.value) }));
  if (!cells.length) return null;
  const sorted = (name) => [...new Set(cells.map((cell) => cell[name]))].sort((a, b) => String(a).localeCompare(String(b), "en", { numeric: true }));
  const [rows, columns] = [sorted("row"), sorted("column")];
  const text = (dimension, value) => nameOf(dimension, value)?.replace(/^\d+ (?=[A-Za-z])/, "") ?? "none";
  const side = Math.max(...rows.map((row) => widthOf(text(options.rows, row)))) + 10;
  const tall = Math.max(15, Math.min(28, (height - 22) / rows.length)), wide = (width - side - 2) / columns.length;
  const most = Math.max(...cells.map((cell) => cell.value ?? 0)) || 1;
  const svg = picture(width, tall * rows.length + 22, `${widget.title}: ${rows.length} by ${columns.length} cells, at most ${shown(most, widget.unit)}`);
  columns.forEach((column, at) => svg.append(label(side + wide * (at + 0.5), 14, fitted(text(options.columns, column), wide - 2), { "text-anchor": "middle" })));
  rows.forEach((row, at) => svg.append(label(side - 6, 22 + tall * (at + 0.5) + 4, text(options.rows, row), { "text-anchor": "end" })));
  for (const cell of cells) {
    const [x, y] = [side + wide * columns.indexOf(cell.column), 22 + tall * rows.indexOf(cell.row)];
    const level = cell.value === null ? null : Math.max(0, Math.min(9, Math.floor((cell.value / most) * 9.999)));
    const box = draw("g", {}, draw("rect", { x: x + 0.5, y: y + 0.5, width: Math.max(1, wide - 1), height: tall - 1, class: level === null ? "cell none" : `cell s${level}` }));
    if (wide > 40 && level !== null) box.append(label(x + wide / 2, y + tall / 2 + 4, shown(cell.value, widget.unit, true), { "text-anchor": "middle", class: `cell-text ${level > 4 ? "light" : "dark"}` }));
    activate(box, null, `${text(options.columns, cell.column)}, ${text(options.rows, cell.row)}`, () => [{ label: widget.title, text: amountText(cell, widget.unit) }]);
    svg.append(box);
  }
  return [element("div", { class: "scroll" }, svg)];
};

// Steps from one total to another. A step whose name ends in `=` is a total.
const drawWaterfall = (widget, width, height) => {
  const { options } = widget;
  const { span } = spanOf(widget);
  const groups = groupBy(select(widget.dataset, span, widget.where), [{ dimension: options.steps }], [options.value, options.order ?? 0])
    .map((group) => ({ name: group.key[0] ?? "none", order: group.at(options.order ?? 0).value, ...group.at(options.value) }))
    .sort((a, b) => a.order - b.order);
  if (!groups.length) return null;
  return stepsAcross(groups.map((group) => ({ ...group, isTotal: group.name.endsWith("="), name: group.name.replace(/=$/, "") })), widget, width, height);
};

const stepsAcross = (steps, widget, width, height) => {
  let level = 0;
  const bars = steps.map((step) => {
    const from = step.isTotal ? 0 : level;
    level = step.isTotal ? step.value ?? level : level + (step.value ?? 0);
    return { ...step, from, to: level };
  });
  const tall = Math.max(21, Math.min(34, (height - 18) / bars.length));
  const text = (bar) => amountText(bar, bar.isTotal ? widget.unit : `${widget.unit}_change`);
  const side = Math.min(width * 0.46, Math.max(...bars.map((bar) => widthOf(bar.name, 12))) + 12);
  const tail = Math.max(...bars.map((bar) => widthOf(text(bar), 12))) + 12;
  let [low, high] = atLeastZero(bars.flatMap((bar) => [bar.from, bar.to]));
  // Where steps are small against the totals, the scale begins above 0, and says so.
  const levels = bars.map((bar) => bar.to), least = Math.min(...levels), most = Math.max(...levels);
  const isCut = least > 0 && most - least > 0 && most - least < 0.3 * most;
  if (isCut) low = least - 0.4 * (most - least);
  const x = (value) => linear(low, high || 1, side, width - tail)(Math.max(value, low));
  const note = isCut ? label(side, tall * bars.length + 12, `bars of totals begin at ${shown(low, widget.unit, true)}, not at $0`, {}) : null;
  const svg = picture(width, tall * bars.length + (isCut ? 18 : 0), `${widget.title}: ${bars.map((bar) => `${bar.name} ${text(bar)}`).join(", ")}`, note);
  bars.forEach((bar, at) => {
    const y = tall * at;
    const [left, right] = [x(Math.min(bar.from, bar.to)), x(Math.max(bar.from, bar.to))];
    if (at) svg.append(draw("line", { x1: x(bar.isTotal ? bar.to : bar.from), x2: x(bar.isTotal ? bar.to : bar.from), y1: y - tall * 0.2, y2: y + tall * 0.2, class: "join" }));
    svg.append(
      label(side - 8, y + tall / 2 + 4, fitted(bar.name, side - 10, 12), { "text-anchor": "end", class: bar.isTotal ? "name strong" : "name" }),
      draw("rect", { x: left, y: y + tall * 0.18, width: Math.max(1, right - left), height: tall * 0.64, rx: 2, fill: bar.isTotal ? "var(--primary)" : bar.value > 0 ? "var(--danger)" : "var(--good)" }),
      label(right + 5, y + tall / 2 + 4, text(bar), { class: "value" }),
    );
    if (isCut && bar.isTotal) svg.append(draw("path", { class: "broken", d: `M${left + 12} ${y + tall * 0.1} l6 ${tall * 0.8} m6 0 l-6 ${-tall * 0.8}` }));
  });
  return [element("div", { class: "scroll" }, svg)];
};
