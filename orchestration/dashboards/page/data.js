// Rows of datasets, which of them a widget sees, and their sums.

const SIZES = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f8: Float64Array };

const unpacked = ({ t, d }) => {
  const text = atob(d);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  if (t[0] !== "n") return new SIZES[t](bytes.buffer);
  return Float64Array.from(new SIZES[t.replace("n", "u")](bytes.buffer), (value) => (value ? value - 1 : NaN));
};

const each = (object, change) => Object.fromEntries(Object.entries(object ?? {}).map(([k, v]) => [k, change(v)]));

const readDataset = (packed) => {
  const offsets = [0];
  for (const count of packed.counts ?? []) offsets.push(offsets.at(-1) + count);
  const dataset = {
    ...packed,
    dimensions: each(packed.dimensions, (column) => ({ values: column.values, codes: unpacked(column) })),
    measures: each(packed.measures, unpacked),
    unknown: each(packed.unknown, unpacked),
  };
  if (packed.has_date && !packed.fault) {
    const listed = packed.days;
    dataset.days = new Int32Array(packed.rows);
    listed.forEach((day, at) => dataset.days.fill(day, offsets[at], offsets[at + 1]));
    [dataset.first, dataset.last] = [listed[0] ?? 0, listed.at(-1) ?? 0];
    // The first row on or after a day.
    dataset.since = (day) => {
      let [low, high] = [0, listed.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (listed[middle] < day) low = middle + 1; else high = middle;
      }
      return offsets[low];
    };
  }
  return dataset;
};

const DATA = each(PAGE.datasets, readDataset);

const monthStart = (day) => {
  const date = dateOf(day);
  return Math.round(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS);
};
const bucketOf = (day, grain) => {
  if (grain === "day") return day;
  if (grain === "week") return day - ((((day + 3) % 7) + 7) % 7);
  if (grain === "month") return monthStart(day);
  const date = dateOf(day);
  return Math.round(Date.UTC(date.getUTCFullYear(), grain === "year" ? 0 : 3 * Math.floor(date.getUTCMonth() / 3), 1) / DAY_MS);
};

// What is chosen: days, and values of dimensions. Lives in the address, so that a link shows the same.
const STATE = { period: PAGE.period, from: null, to: null, chosen: {} };

const periodNamed = (name) => PAGE.periods[name] ?? PAGE.periods[PAGE.period];
const pagePeriod = () => {
  if (STATE.from === null) return periodNamed(STATE.period);
  const length = STATE.to - STATE.from + 1;
  return { first: STATE.from, last: STATE.to, before: [STATE.from - length, STATE.from - 1], label: spanText(STATE.from, STATE.to) };
};

let selections = new Map();

// Rows of a dataset in a span of days under the page's filters and a widget's own; `where`: dimension → values. What
// filters by a dimension itself (`except`) goes on showing its other values.
const select = (name, span, where = {}, except = null) => {
  const dataset = DATA[name];
  const key = JSON.stringify([name, span, where, except, STATE.chosen]);
  const known = selections.get(key);
  if (known) return known;
  let from = 0, to = dataset.rows;
  let days = null;
  if (dataset.has_date) {
    const first = dataset.grain === "month" ? monthStart(span[0]) : span[0];
    [from, to] = [dataset.since(first), dataset.since(span[1] + 1)];
    days = [first, span[1]];
  }
  const tests = [];
  const ignored = [];
  for (const [dimension, values] of Object.entries(STATE.chosen)) {
    if (dimension === except) continue;
    if (!dataset.dimensions[dimension]) ignored.push(dimension);
    else tests.push(allowed(dataset.dimensions[dimension], values));
  }
  for (const [dimension, values] of Object.entries(where)) tests.push(allowed(dataset.dimensions[dimension], values));
  const passing = new Int32Array(to - from);
  let count = 0;
  next: for (let row = from; row < to; row++) {
    for (const [codes, marks] of tests) if (!marks[codes[row]]) continue next;
    passing[count++] = row;
  }
  const rows = passing.subarray(0, count);
  const found = { dataset, rows, days, ignored };
  selections.set(key, found);
  return found;
};

const allowed = ({ values, codes }, wanted) => {
  const marks = new Uint8Array(values.length + 1);
  for (const value of wanted) marks[value === null || value === "" ? values.length : Math.max(values.indexOf(value), 0)] |=
    value === null || value === "" || values.includes(value) ? 1 : 0;
  return [codes, marks];
};

const AGGREGATES = new Set(["sum", "avg", "min", "max", "count", "latest", "distinct"]);
const needs = (tree, found = new Map()) => {
  if (Array.isArray(tree)) {
    if (AGGREGATES.has(tree[0])) found.set(tree.join(" "), tree);
    else tree.slice(1).forEach((part) => needs(part, found));
  }
  return found;
};

// Groups of a selection. `keys`: `{dimension}` or `{grain}`; `trees`: what is asked of each group. Each row is given its
// group first; then each aggregate goes over the rows once.
const groupBy = (selection, keys, trees) => {
  const { dataset, rows } = selection;
  const asked = new Map();
  trees.forEach((tree) => needs(tree, asked));
  const readers = keys.map((key) => (key.dimension ? dimensionReader(dataset.dimensions[key.dimension]) : dateReader(dataset, rows, key.grain)));
  const slots = new Int32Array(rows.length);
  const firsts = [];
  const known = new Map();
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at];
    let group = 0;
    for (const reader of readers) group = group * reader.size + reader.at(row);
    let slot = known.get(group);
    if (slot === undefined) {
      slot = firsts.length;
      known.set(group, slot);
      firsts.push(row);
    }
    slots[at] = slot;
  }
  if (!readers.length && !firsts.length) firsts.push(-1);
  const counts = new Int32Array(firsts.length);
  for (let at = 0; at < slots.length; at++) counts[slots[at]]++;
  const figures = new Map();
  for (const [name, [aggregate, column]] of asked) if (aggregate !== "count") figures.set(name, summed(aggregate, column, dataset, rows, slots, firsts.length));
  return firsts.map((row, slot) => ({ key: readers.map((reader) => reader.of(row)), rows: counts[slot], at: (tree) => evaluate(tree, { figures, slot, rows: counts[slot] }) }));
};

const dimensionReader = ({ codes, values }) => ({ size: values.length + 1, at: (row) => codes[row], of: (row) => (codes[row] < values.length ? values[codes[row]] : null) });
const dateReader = ({ days }, rows, grain) => {
  if (grain === "day") return { size: 1 << 20, at: (row) => days[row], of: (row) => days[row] };
  const first = rows.length ? days[rows[0]] : 0, last = rows.length ? days[rows[rows.length - 1]] : 0;
  const buckets = new Int32Array(last - first + 1).map((_, at) => bucketOf(first + at, grain));
  return { size: 1 << 20, at: (row) => buckets[days[row] - first], of: (row) => buckets[days[row] - first] };
};

const summed = (aggregate, column, dataset, rows, slots, size) => {
  const values = new Float64Array(size), counts = new Int32Array(size), unknown = new Float64Array(size);
  if (aggregate === "distinct") {
    const { codes } = dataset.dimensions[column];
    const seen = new Set();
    rows.forEach((row, at) => { if (codes[row] < dataset.dimensions[column].values.length) seen.add(slots[at] * 65_536 + codes[row]); });
    for (const each of seen) values[Math.floor(each / 65_536)]++;
    return { values, counts: counts.fill(1), unknown };
  }
  const measure = dataset.measures[column], without = dataset.unknown[column];
  const newest = aggregate === "latest" && rows.length ? dataset.days[rows[rows.length - 1]] : null;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at], slot = slots[at], value = measure[row];
    if (newest !== null && dataset.days[row] !== newest) continue;
    if (without) unknown[slot] += without[row];
    if (value !== value) continue;
    if (aggregate === "min") values[slot] = counts[slot] ? Math.min(values[slot], value) : value;
    else if (aggregate === "max") values[slot] = counts[slot] ? Math.max(values[slot], value) : value;
    else values[slot] += value;
    counts[slot]++;
  }
  return { values, counts, unknown };
};

const evaluate = (tree, held) => {
  if (typeof tree === "number") return { value: tree, unknown: 0 };
  const name = tree.join(" ");
  switch (tree[0]) {
    case "count": return { value: held.rows, unknown: 0 };
    case "sum": case "avg": case "min": case "max": case "latest": case "distinct": {
      const { values, counts, unknown } = held.figures.get(name);
      const { slot } = held;
      if (!counts[slot]) return { value: null, unknown: unknown[slot] };
      return { value: tree[0] === "avg" ? values[slot] / counts[slot] : values[slot], unknown: unknown[slot] };
    }
  }
  const [left, right] = [evaluate(tree[1], held), evaluate(tree[2], held)];
  const unknown = left.unknown + right.unknown;
  if (left.value === null || right.value === null) return { value: null, unknown };
  switch (tree[0]) {
    case "+": return { value: left.value + right.value, unknown };
    case "-": return { value: left.value - right.value, unknown };
    case "*": return { value: left.value * right.value, unknown };
    default: return { value: right.value === 0 ? null : left.value / right.value, unknown };
  }
};

const spanOf = (widget) => {
  const period = widget.period ? periodNamed(widget.period) : pagePeriod();
  const span = [period.first, period.last];
  const isMonthly = DATA[widget.dataset]?.grain === "month" && period.before;
  return { span, before: isMonthly ? monthsBefore(span) : period.before, label: period.label };
};
// Of rows that stand for whole months as many months before, so that like is compared with like.
const monthsBefore = ([first, last]) => {
  const [from, to] = [dateOf(first), dateOf(last)];
  const count = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth() + 1;
  return [Math.round(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() - count, 1) / DAY_MS), monthStart(first) - 1];
};
const total = (widget, tree, span) => groupBy(select(widget.dataset, span, widget.where), [], [tree])[0].at(tree);

// The largest `limit` of a list, and the rest as one: summed where the tree can be, so that all parts make the whole.
const OTHERS = "\u0000others";
const isSummable = (tree) =>
  Array.isArray(tree) && (tree[0] === "sum" || tree[0] === "latest" || tree[0] === "count"
    || ((tree[0] === "+" || tree[0] === "-") && isSummable(tree[1]) && isSummable(tree[2]))
    || ((tree[0] === "*" || tree[0] === "/") && isSummable(tree[1]) && typeof tree[2] === "number"));
const leading = (rows, limit, tree) => {
  const sorted = [...rows].sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
  if (!limit || sorted.length <= limit) return sorted;
  const kept = sorted.slice(0, limit - (isSummable(tree) ? 1 : 0));
  const rest = sorted.slice(kept.length);
  if (!isSummable(tree)) return kept;
  const known = rest.filter((row) => row.value !== null);
  return [...kept, {
    key: OTHERS, label: `${rest.length} others`, rest: rest.map((row) => row.key),
    value: known.length ? known.reduce((sum, row) => sum + row.value, 0) : null,
    unknown: rest.reduce((sum, row) => sum + row.unknown, 0),
  }];
};
