// One figure: alone, against another, against a limit.

const changeOf = (now, then) => {
  if (now.value === null || !then || then.value === null) return null;
  return { amount: now.value - then.value, ratio: then.value ? (now.value / then.value - 1) * 100 : null };
};

const drawMetric = (widget, width) => {
  const { options } = widget;
  const { span, before } = spanOf(widget);
  const selection = select(widget.dataset, span, widget.where);
  if (options.text) {
    const group = groupBy(selection, [{ dimension: options.text }], [options.value]).map((each) => ({ key: each.key[0], ...each.at(options.value) })).sort((a, b) => (b.value ?? -1) - (a.value ?? -1))[0];
    if (!group) return null;
    return [element("div", { class: "figure text" }, nameOf(options.text, group.key)), element("div", { class: "beside" }, amountText(group, widget.unit))];
  }
  const now = groupBy(selection, [], [options.value])[0].at(options.value);
  if (now.value === null && !now.unknown) return null;
  const parts = [element("div", { class: `figure ${levelOf(now.value, options.thresholds)}` }, now.unknown && now.value !== null ? element("small", {}, "at least ") : null,
    shown(now.value, widget.unit, now.value !== null && Math.abs(now.value) >= 1e6))];
  if (options.compare && before) {
    const change = changeOf(now, total(widget, options.value, before));
    parts.push(change === null || change.ratio === null
      ? element("div", { class: "beside muted" }, "nothing to compare with before")
      : element("div", { class: `beside ${toneOf(change.ratio, options.good ?? "down")}` }, `${change.ratio > 0 ? "▲" : change.ratio < 0 ? "▼" : "■"} ${shown(change.ratio, "percent_change")}`,
        element("span", { class: "muted" }, ` against ${spanText(...before)}`)));
  }
  if (options.spark && selection.dataset.has_date) {
    const days = groupBy(selection, [{ grain: selection.dataset.grain === "month" ? "month" : "day" }], [options.value]).sort((a, b) => a.key[0] - b.key[0]);
    if (days.length > 2) parts.push(element("div", { class: "sparkline" }, spark(days.map((day) => day.at(options.value).value), Math.max(80, width), 18)));
  }
  return parts;
};

const levelOf = (value, thresholds) => {
  if (!thresholds?.length || value === null) return "";
  const over = thresholds.filter((threshold) => value >= threshold).length;
  return over >= 2 ? "worse" : over === 1 ? "warned" : "";
};
const LEVELS = ["var(--good)", "var(--warning)", "var(--danger)"];
const levelColour = (value, thresholds) => LEVELS[Math.min(2, thresholds.filter((each) => value >= each).length)];

const drawComparison = (widget) => {
  const { span } = spanOf(widget);
  const found = widget.options.values.map((each) => ({ ...each, unit: each.unit ?? widget.unit, ...total(widget, each.value, span) }));
  if (found.every((each) => each.value === null && !each.unknown)) return null;
  const [first, second] = found;
  const change = found.length === 2 ? changeOf(first, second) : null;
  return [element("div", { class: "pair" }, found.map((each) => element("div", {}, element("span", { class: "muted" }, each.label), element("b", { class: "figure small" }, amountText(each, each.unit))))),
    change && element("div", { class: `beside ${toneOf(change.amount, widget.options.good)}` }, `${shown(change.amount, first.unit === "usd" ? "usd_change" : first.unit)}${change.ratio === null ? "" : ` (${shown(change.ratio, "percent_change")})`}`, element("span", { class: "muted" }, ` ${first.label} against ${second.label}`))];
};

const drawGauge = (widget, width, height) => {
  const { options } = widget;
  const now = total(widget, options.value, spanOf(widget).span);
  if (now.value === null) return null;
  const most = options.maximum ?? 100, marks = options.thresholds ?? [80, 100];
  const wide = Math.min(width, (height - 18) * 2, 280), radius = wide / 2 - 8, middle = wide / 2;
  const at = (share, r = radius) => `${middle - Math.cos(share * Math.PI) * r} ${radius + 8 - Math.sin(share * Math.PI) * r}`;
  const arc = (from, to, stroke, thick) => draw("path", { d: `M${at(from)} A${radius} ${radius} 0 0 1 ${at(to)}`, fill: "none", stroke, "stroke-width": thick, class: "arc" });
  const share = Math.max(0, Math.min(1, now.value / most));
  const svg = picture(wide, radius + 22, `${widget.title}: ${shown(now.value, widget.unit)}`, arc(0, 0.9999, "var(--line)", 12), share > 0 && arc(0, Math.min(share, 0.9999), levelColour(now.value, marks), 12),
    marks.filter((mark) => mark < most).map((mark) => draw("path", { d: `M${at(mark / most, radius - 9)} L${at(mark / most, radius + 8)}`, class: "mark" })),
    label(middle, radius + 4, `${now.unknown ? "≥ " : ""}${shown(now.value, widget.unit)}`, { "text-anchor": "middle", class: "gauge-text" }),
    label(8, radius + 21, shown(0, widget.unit).replace(".0", ""), {}), label(wide - 8, radius + 21, shown(most, widget.unit).replace(".0", ""), { "text-anchor": "end" }));
  return [element("div", { class: "gauge" }, svg)];
};

const drawProgress = (widget) => {
  const { options } = widget;
  const { span } = spanOf(widget);
  const [now, goal] = [total(widget, options.value, span), total(widget, options.goal, span)];
  if (now.value === null || !goal.value) return null;
  const share = (now.value / goal.value) * 100;
  return [element("div", { class: "figure small" }, amountText(now, widget.unit), element("small", {}, ` of ${shown(goal.value, widget.unit)}`)),
    element("div", { class: "progress", role: "img", "aria-label": `${shown(share, "percent")} of the goal` }, element("i", { style: { width: `${Math.max(0, Math.min(100, share))}%`, background: levelColour(share, options.thresholds ?? [80, 100]) } })),
    element("div", { class: "beside muted" }, `${shown(share, "percent")} · ${shown(goal.value - now.value, widget.unit)} left`)];
};
