// Scales: round numbers, days, categories.

// Of what is counted, there is no half.
const niceStep = (span, count, isWhole) => {
  const rough = Math.max(span / Math.max(count, 1), isWhole ? 1 : 0);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * 0.999 && !(isWhole && each * power === 2.5)) ?? 10;
  return step * power;
};
const niceTicks = (low, high, count = 4, unit = "") => {
  if (low === high) high = low + (Math.abs(low) || 1);
  const step = niceStep(high - low, count, unit === "count");
  const from = Math.floor(low / step + 1e-9) * step;
  const ticks = [];
  for (let tick = from; tick < high + step * 0.999; tick += step) ticks.push(Math.abs(tick) < step * 1e-9 ? 0 : tick);
  return { ticks, low: ticks[0], high: ticks.at(-1), step };
};
const linear = (low, high, from, to) => (value) => from + ((value - low) / (high - low || 1)) * (to - from);

// Dates to write below an axis: first days of months where there are several, else every so many.
const dateTicks = (days, grain, width) => {
  const most = Math.max(2, Math.floor(width / 62));
  if (grain !== "day" && grain !== "week") return spaced(days, most).map((day) => [day, shortBucket(day, grain)]);
  const starts = [];
  let month = null;
  for (const day of days) {
    if (monthStart(day) !== month) { month = monthStart(day); starts.push(day); }
  }
  if (days.at(-1) - days[0] > 75) {
    const whole = starts.filter((day, at) => at || day === monthStart(day));
    const every = Math.ceil(whole.length / most);
    return whole.filter((_, at) => at % every === 0).map((day) => [day, monthName(day)]);
  }
  return spaced(days, most).map((day) => [day, shortDay(day)]);
};
const spaced = (list, most) => {
  const every = Math.ceil(list.length / most);
  return list.filter((_, at) => at % every === 0);
};
const monthName = (day) => {
  const date = dateOf(day);
  return date.getUTCMonth() === 0 ? `${MONTHS[0]} ${date.getUTCFullYear()}` : MONTHS[date.getUTCMonth()];
};
const shortBucket = (day, grain) => (grain === "month" ? `${MONTHS[dateOf(day).getUTCMonth()]} ${String(dateOf(day).getUTCFullYear()).slice(2)}` : bucketText(day, grain));

const grainFor = (widget, span, dataset, wide) => {
  const asked = widget.options.grain ?? "auto";
  if (dataset.grain === "month" && (asked === "auto" || asked === "day" || asked === "week")) return "month";
  if (asked !== "auto") return asked;
  const days = Math.min(span[1], dataset.last) - Math.max(span[0], dataset.first) + 1;
  if (days <= (wide ? 460 : 100)) return "day";
  return days <= 800 ? "week" : "month";
};

// The frame of a chart: lines at round values, their labels left, room for the rest.
const frame = (width, height, low, high, unit, bottom = 20) => {
  const scale = niceTicks(low, high, Math.max(2, Math.min(5, Math.floor((height - bottom) / 42))), unit);
  const texts = scale.ticks.map((tick) => tickText(tick, unit, scale.step));
  const left = Math.ceil(Math.max(...texts.map((text) => widthOf(text)))) + 8;
  const y = linear(scale.low, scale.high, height - bottom, 8);
  const lines = scale.ticks.map((tick, at) => [
    draw("line", { x1: left, x2: width - 6, y1: y(tick), y2: y(tick), class: tick === 0 ? "zero" : "grid" }),
    label(left - 6, y(tick) + 4, texts[at], { "text-anchor": "end" }),
  ]);
  return { left, right: width - 6, top: 8, bottom: height - bottom, y, lines };
};
const atLeastZero = (values) => {
  const known = values.filter((value) => value !== null && Number.isFinite(value));
  return [Math.min(0, ...known), Math.max(0, ...known)];
};
