// Lines, areas and bars over days or categories.

// What a chart shows: places along x, and for each series a value at each place.
const seriesOf = (widget, wide) => {
  const { span } = spanOf(widget);
  const { options } = widget;
  const selection = select(widget.dataset, span, widget.where, exceptOf(widget));
  const { dataset } = selection;
  const isTime = dataset.has_date && (!options.x || !dataset.dimensions[options.x]);
  const grain = isTime ? grainFor(widget, span, dataset, wide) : null;
  const xKey = isTime ? { grain } : { dimension: options.x };
  const band = options.low && options.high ? [options.low, options.high] : [];
  const values = options.values.map((each) => each.value);
  let places, series;
  if (options.series) {
    const tree = values[0];
    const most = leading(
      groupBy(selection, [{ dimension: options.series }], [tree]).map((group) => ({ key: group.key[0], ...group.at(tree) })),
      Math.min(options.limit || 7, 7) + (isSummable(tree) ? 1 : 0), tree);
    const cells = groupBy(selection, [xKey, { dimension: options.series }], [tree]);
    const byKey = new Map(most.map((row) => [row.key, { label: row.key === OTHERS ? row.label : nameOf(options.series, row.key), key: row.key, points: new Map(), unit: options.values[0].unit ?? widget.unit }]));
    const rest = byKey.get(OTHERS);
    for (const cell of cells) {
      const held = byKey.get(cell.key[1]) ?? rest;
      if (!held) continue;
      const now = cell.at(tree), before = held.points.get(cell.key[0]);
      held.points.set(cell.key[0], before ? { value: before.value === null ? now.value : before.value + (now.value ?? 0), unknown: before.unknown + now.unknown } : now);
    }
    series = [...byKey.values()];
    places = new Set(cells.map((cell) => cell.key[0]));
  } else {
    const groups = groupBy(selection, [xKey], [...values, ...band]);
    places = new Set(groups.map((group) => group.key[0]));
    series = options.values.map((each) => ({
      label: each.label || widget.title, dashed: each.dashed, pale: each.pale, dots: each.dots, unit: each.unit ?? widget.unit,
      points: new Map(groups.map((group) => [group.key[0], group.at(each.value)])),
    }));
    if (band.length) series.band = new Map(groups.map((group) => [group.key[0], band.map((tree) => group.at(tree).value)]));
  }
  const ordered = [...places];
  if (isTime) ordered.sort((a, b) => a - b);
  else if (options.sort === "label") ordered.sort((a, b) => String(a).localeCompare(String(b), "en", { numeric: true }));
  else ordered.sort((a, b) => total_(series, b) - total_(series, a));
  const kept = !isTime && !options.series && options.limit ? ordered.slice(0, options.limit) : ordered;
  const text = (place) => (isTime ? bucketText(place, grain) : nameOf(options.x, place));
  return { selection, places: kept, dropped: ordered.length - kept.length, series, isTime, grain, text, hasRest: series.at(-1)?.key === OTHERS, span };
};
const exceptOf = ({ options }) => (options.drill ? options.x ?? options.by ?? null : null);
const isFaded = (dimension, place) => Boolean(STATE.chosen[dimension]) && !STATE.chosen[dimension].includes(place ?? "");
const total_ = (series, place) => series.reduce((sum, each) => sum + (each.points.get(place)?.value ?? 0), 0);
const known = (series, place) => series.points.get(place)?.value ?? null;

const hover = (svg, found, box, x, columns, widget) => {
  const line = draw("line", { class: "cross", y1: box.top, y2: box.bottom, visibility: "hidden" });
  const { places, series, text } = found;
  let at = -1;
  const show = (index, left, top) => {
    at = Math.max(0, Math.min(places.length - 1, index));
    line.setAttribute("x1", x(places[at], at));
    line.setAttribute("x2", x(places[at], at));
    line.setAttribute("visibility", "visible");
    const rows = series.map((each, number) => ({ label: each.label, colour: columns[number], point: each.points.get(places[at]), unit: each.unit }))
      .filter((row) => row.point).map((row) => ({ ...row, text: amountText(row.point, row.unit) }));
    showTip(left, top, text(places[at]), series.length > 4 ? rows.sort((a, b) => (b.point.value ?? 0) - (a.point.value ?? 0)) : rows);
  };
  const move = (event) => {
    const bounds = svg.getBoundingClientRect();
    const here = ((event.clientX - bounds.left) / bounds.width) * svg.viewBox.baseVal.width;
    let best = 0;
    places.forEach((place, index) => { if (Math.abs(x(place, index) - here) < Math.abs(x(places[best], best) - here)) best = index; });
    show(best, event.clientX, event.clientY);
  };
  const leave = () => { line.setAttribute("visibility", "hidden"); hideTip(); };
  svg.append(line);
  svg.addEventListener("pointermove", move);
  svg.addEventListener("pointerleave", leave);
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("blur", leave);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") return leave();
    if (!step) return;
    event.preventDefault();
    const bounds = svg.getBoundingClientRect();
    const next = at < 0 ? (step > 0 ? 0 : places.length - 1) : at + step;
    const index = Math.max(0, Math.min(places.length - 1, next));
    show(index, bounds.left + (x(places[index], index) / svg.viewBox.baseVal.width) * bounds.width, bounds.top + 10);
  });
};

const summary = (widget, found) =>
  `${widget.title}: ${found.series.map((each) => each.label).slice(0, 8).join(", ")} over ${found.places.length} ${found.isTime ? `${found.grain}s` : "values"}`;

const timeAxis = (box, found, x, height) =>
  dateTicks(found.places, found.grain, box.right - box.left).map(([day, text]) => {
    const at = x(day, found.places.indexOf(day)), half = widthOf(text) / 2;
    return label(Math.max(box.left + half - 4, Math.min(at, box.right - half)), height - 5, text, { "text-anchor": "middle" });
  });

const keysOf = (widget, found, columns) =>
  found.series.length > 1 || widget.options.values[0]?.label
    ? [legend(found.series.map((each, at) => ({ label: each.label, colour: columns[at], dashed: each.dashed, choose: chooser(widget.options.series, each.key) })))] : [];

// How high the legend is: its items, in at most four lines.
const keysHeight = (found, keys, width) => {
  if (!keys.length) return 0;
  const needed = found.series.reduce((sum, each) => sum + widthOf(each.label, 11.5) + 28, 0);
  return 6 + 18 * Math.min(4, Math.ceil((needed * 1.12) / width));
};

const drawLine = (widget, width, height) => {
  const found = seriesOf(widget, true);
  if (!found.places.length) return null;
  const columns = coloursOf(found.series.length, found.hasRest).map((each, at) => (found.series[at].dots ? "var(--danger)" : each));
  const keys = keysOf(widget, found, columns);
  const tall = height - keysHeight(found, keys, width);
  const unit = found.series[0].unit;
  const bandValues = found.series.band ? [...found.series.band.values()].flat() : [];
  const [low, high] = atLeastZero([...found.series.flatMap((each) => [...each.points.values()].map((point) => point.value)), ...bandValues]);
  const box = frame(width, tall, low, high, unit);
  const x = linear(found.places[0], found.places.at(-1), box.left + 6, box.right - 6);
  const place = found.places.length === 1 ? () => (box.left + box.right) / 2 : x;
  const svg = picture(width, tall, summary(widget, found), box.lines, timeAxis(box, found, place, tall));
  if (found.series.band) {
    const inside = found.places.filter((day) => (found.series.band.get(day) ?? [null]).every((value) => value !== null));
    const edge = (side) => inside.map((day) => `${place(day)},${box.y(found.series.band.get(day)[side])}`);
    if (inside.length) svg.append(draw("polygon", { points: [...edge(1), ...edge(0).reverse()].join(" "), class: "band", fill: columns[0] }));
  }
  found.series.forEach((each, number) => {
    for (const run of runsOf(found, each)) {
      const points = run.map(([day, value]) => `${place(day)},${box.y(value)}`).join(" ");
      if (each.dots) {
        run.forEach(([day, value]) => svg.append(draw("circle", { cx: place(day), cy: box.y(value), r: 4, class: "mark", fill: columns[number] })));
        continue;
      }
      svg.append(draw("polyline", { points, class: `line ${each.dashed ? "dashes" : ""} ${each.pale ? "pale" : ""}`, stroke: columns[number] }));
      if (found.places.length <= 62 || run.length === 1)
        run.forEach(([day, value]) => svg.append(draw("circle", { cx: place(day), cy: box.y(value), r: 2, fill: columns[number] })));
    }
  });
  hover(svg, found, box, place, columns, widget);
  return [svg, ...keys];
};

// Stretches of a line without a gap. A day on which others have rows and this series has none counts as none spent;
// a day whose amount is not known is a gap.
const runsOf = (found, series) => {
  const runs = [[]];
  const isPart = found.series.length > 1 && !found.series.some((each) => each.dashed || each.dots);
  for (const day of found.places) {
    const point = series.points.get(day);
    const value = point ? point.value : isPart ? 0 : null;
    if (value === null) { if (runs.at(-1).length) runs.push([]); }
    else runs.at(-1).push([day, value]);
  }
  return runs.filter((run) => run.length);
};

const drawArea = (widget, width, height) => {
  const found = seriesOf(widget, true);
  if (!found.places.length) return null;
  if (found.places.length === 1) return drawBar(widget, width, height); // one day has no area
  const columns = coloursOf(found.series.length, found.hasRest);
  const keys = keysOf(widget, found, columns);
  const tall = height - keysHeight(found, keys, width);
  const tops = found.places.map((place) => found.series.reduce((sum, each) => sum + Math.max(0, known(each, place) ?? 0), 0));
  const box = frame(width, tall, 0, Math.max(...tops, 0), found.series[0].unit);
  const x = linear(found.places[0], found.places.at(-1), box.left, box.right);
  const svg = picture(width, tall, summary(widget, found), box.lines, timeAxis(box, found, x, tall));
  const base = found.places.map(() => 0);
  found.series.forEach((each, number) => {
    const under = found.places.map((place, at) => `${x(place)},${box.y(base[at])}`);
    found.places.forEach((place, at) => { base[at] += Math.max(0, known(each, place) ?? 0); });
    const over = found.places.map((place, at) => `${x(place)},${box.y(base[at])}`);
    svg.append(draw("polygon", { points: [...over, ...under.reverse()].join(" "), class: "area", fill: columns[number] }));
  });
  hover(svg, found, box, x, columns, widget);
  return [svg, ...keys];
};

const drawBar = (widget, width, height) => {
  const found = seriesOf(widget, false);
  if (!found.places.length) return null;
  if (widget.options.direction === "horizontal" && !found.isTime) return barsAcross(widget, found, width, height);
  const columns = coloursOf(found.series.length, found.hasRest);
  const keys = keysOf(widget, found, columns);
  const tall = height - keysHeight(found, keys, width);
  const ups = found.places.map((place) => found.series.reduce((sum, each) => sum + Math.max(0, known(each, place) ?? 0), 0));
  const downs = found.places.map((place) => found.series.reduce((sum, each) => sum + Math.min(0, known(each, place) ?? 0), 0));
  const box = frame(width, tall, Math.min(...downs, 0), Math.max(...ups, widget.options.reference ?? 0), found.series[0].unit);
  const step = (box.right - box.left) / found.places.length;
  const thick = Math.max(1, Math.min(46, step * 0.74));
  const x = (place, at) => box.left + step * (at + 0.5);
  const svg = picture(width, tall, summary(widget, found), box.lines);
  if (found.isTime) svg.append(...timeAxis(box, found, x, tall));
  else found.places.forEach((place, at) => svg.append(label(x(place, at), tall - 5, fitted(found.text(place), step - 4), { "text-anchor": "middle" })));
  found.places.forEach((place, at) => {
    let [up, down] = [0, 0];
    found.series.forEach((each, number) => {
      const value = known(each, place);
      if (!value) return;
      const from = value > 0 ? up : down;
      if (value > 0) up += value; else down += value;
      const [y1, y2] = [box.y(Math.max(from, from + value)), box.y(Math.min(from, from + value))];
      svg.append(draw("rect", { x: x(place, at) - thick / 2, y: y1, width: thick, height: Math.max(0.5, y2 - y1), fill: fillOf(widget, value, columns[number]) }));
    });
    if (found.series.length === 1 && step > 48 && known(found.series[0], place) !== null)
      svg.append(label(x(place, at), box.y(Math.max(known(found.series[0], place), 0)) - 3, shown(known(found.series[0], place), found.series[0].unit, true), { "text-anchor": "middle", class: "value" }));
  });
  if (widget.options.reference !== undefined) svg.append(draw("line", { x1: box.left, x2: box.right, y1: box.y(widget.options.reference), y2: box.y(widget.options.reference), class: "reference" }));
  hover(svg, found, box, x, columns, widget);
  return [svg, ...keys];
};

const fillOf = (widget, value, column) => (widget.options.signed ? (value > 0 ? "var(--danger)" : "var(--good)") : column);

const barsAcross = (widget, found, width, height) => {
  const columns = coloursOf(found.series.length, found.hasRest);
  const keys = keysOf(widget, found, columns);
  const step = Math.max(22, Math.min(34, (height - keysHeight(found, keys, width)) / found.places.length));
  const tall = step * found.places.length;
  const unit = found.series[0].unit;
  const totals = found.places.map((place) => found.series.every((each) => known(each, place) === null) ? null : total_(found.series, place));
  const texts = totals.map((value) => shown(value, unit, false));
  const side = Math.min(width * 0.46, Math.max(...found.places.map((place) => widthOf(found.text(place), 12))) + 12);
  const tail = Math.max(...texts.map((text) => widthOf(text, 12))) + 12;
  const [low, high] = atLeastZero([...totals, widget.options.reference ?? 0]);
  const x = linear(low, high || 1, side + (low < 0 ? tail : 0), width - tail);
  const svg = picture(width, tall, summary(widget, found));
  found.places.forEach((place, at) => {
    const y = step * at, middle = y + step / 2;
    const row = draw("g", { class: widget.options.drill ? `drill ${isFaded(widget.options.x, place) ? "faded" : ""}` : null }, label(side - 8, middle + 4, fitted(found.text(place), side - 12, 12), { "text-anchor": "end", class: "name" }));
    let from = 0;
    found.series.forEach((each, number) => {
      const value = known(each, place);
      if (!value) return;
      row.append(draw("rect", { x: Math.min(x(from), x(from + value)), y: y + step * 0.18, width: Math.max(1, Math.abs(x(from + value) - x(from))), height: step * 0.64, rx: 2, fill: fillOf(widget, value, columns[number]) }));
      from += value;
    });
    row.append(label(x(Math.max(totals[at] ?? 0, 0)) + 5, middle + 4, texts[at], { class: "value" }));
    row.append(draw("rect", { x: 0, y, width, height: step, class: "catch" }));
    activate(row, widget.options.drill ? chooser(widget.options.x, place) : null, found.text(place), () =>
      found.series.map((each, number) => ({ label: each.label, colour: columns[number], text: amountText(each.points.get(place) ?? { value: null, unknown: 0 }, each.unit) })));
    svg.append(row);
  });
  if (widget.options.reference !== undefined) svg.append(draw("line", { x1: x(widget.options.reference), x2: x(widget.options.reference), y1: 0, y2: tall, class: "reference" }));
  return [element("div", { class: "scroll" }, svg), ...keys];
};

// A part that answers to pointer and keyboard: words on hover, a filter on click.
const activate = (part, choose, title, rows) => {
  part.addEventListener("pointermove", (event) => showTip(event.clientX, event.clientY, title, rows()));
  part.addEventListener("pointerleave", hideTip);
  if (!choose) return;
  part.setAttribute("tabindex", "0");
  part.setAttribute("role", "button");
  part.setAttribute("aria-label", `Filter by ${title}`);
  part.addEventListener("click", choose);
  part.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
};
