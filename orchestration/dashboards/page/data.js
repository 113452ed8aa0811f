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
    offsets,
    dimensions: each(packed.dimensions, (column) => ({ values: column.values, codes: unpacked(column) })),
    measures: each(packed.measures, unpacked),
    unknown: each(packed.unknown, unpacked),
  };
  if (packed.has_date && !packed.fault) {
    dataset.days = new Int32Array(packed.rows);
    for (let day = 0; day + 1 < offsets.length; day++) dataset.days.fill(packed.first + day, offsets[day], offsets[day + 1]);
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

// Rows of a dataset in a span of days under the page's filters and a widget's own; `where`: dimension → values.
const select = (name, span, where = {}) => {
  const dataset = DATA[name];
  const key = JSON.stringify([name, span, where, STATE.chosen]);
  const known = selections.get(key);
  if (known) return known;
  let from = 0, to = dataset.rows;
  let days = null;
  if (dataset.has_date) {
    const first = dataset.grain === "month" ? monthStart(span[0]) : span[0];
    const at = (day) => dataset.offsets[Math.min(Math.max(day - dataset.first, 0), dataset.offsets.length - 1)];
    [from, to] = [at(first), at(span[1] + 1)];
    days = [first, span[1]];
  }
  const tests = [];
  const ignored = [];
  for (const [dimension, values] of Object.entries(STATE.chosen)) {
    if (!dataset.dimensions[dimension]) ignored.push(dimension);
    else tests.push(allowed(dataset.dimensions[dimension], values));
  }
  for (const [dimension, values] of Object.entries(where)) tests.push(allowed(dataset.dimensions[dimension], values));
  const rows = [];
  next: for (let row = from; row < to; row++) {
    for (const [codes, marks] of tests) if (!marks[codes[row]]) continue next;
    rows.push(row);
  }
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

// Groups of a selection. `keys`: `{dimension}` or `{grain}`; `trees`: what is asked of each group.
const groupBy = (selection, keys, trees) => {
  const { dataset, rows } = selection;
  const asked = new Map();
  trees.forEach((tree) => needs(tree, asked));
  const readers = keys.map((key) => {
    if (key.dimension) {
      const { codes, values } = dataset.dimensions[key.dimension];
      return { at: (row) => codes[row], of: (code) => (code < values.length ? values[code] : null) };
    }
    const known = new Map();
    return {
      at: (row) => {
        const day = dataset.days[row];
        if (!known.has(day)) known.set(day, bucketOf(day, key.grain));
        return known.get(day);
      },
      of: (code) => code,
    };
  });
  const groups = new Map();
  const slots = [];
  for (const row of rows) {
    let group;
    if (readers.length === 1) group = readers[0].at(row);
    else group = readers.length ? readers.map((reader) => reader.at(row)).join(",") : 0;
    let slot = groups.get(group);
    if (slot === undefined) {
      slot = slots.length;
      groups.set(group, slot);
      slots.push({ key: readers.map((reader) => reader.of(reader.at(row))), rows: 0, sums: {}, seen: {} });
    }
    const held = slots[slot];
    held.rows++;
    for (const [name, [aggregate, column]] of asked) add(held, name, aggregate, column, dataset, row, rows);
  }
  const result = (held) => ({ key: held.key, rows: held.rows, at: (tree) => evaluate(tree, held) });
  if (!readers.length && !slots.length) return [result({ key: [], rows: 0, sums: {}, seen: {} })];
  return slots.map(result);
};

const add = (held, name, aggregate, column, dataset, row, rows) => {
  if (aggregate === "count") return;
  if (aggregate === "distinct") {
    (held.seen[name] ??= new Set()).add(dataset.dimensions[column].codes[row]);
    return;
  }
  if (aggregate === "latest" && dataset.days[row] !== dataset.days[rows.at(-1)]) return;
  const value = dataset.measures[column][row];
  const sums = (held.sums[name] ??= { value: 0, count: 0, unknown: 0 });
  sums.unknown += dataset.unknown[column]?.[row] ?? 0;
  if (Number.isNaN(value)) return;
  if (aggregate === "min") sums.value = sums.count ? Math.min(sums.value, value) : value;
  else if (aggregate === "max") sums.value = sums.count ? Math.max(sums.value, value) : value;
  else sums.value += value;
  sums.count++;
};

const evaluate = (tree, held) => {
  if (typeof tree === "number") return { value: tree, unknown: 0 };
  const name = tree.join(" ");
  switch (tree[0]) {
    case "count": return { value: held.rows, unknown: 0 };
    case "distinct": return { value: held.seen[name]?.size ?? 0, unknown: 0 };
    case "sum": case "avg": case "min": case "max": case "latest": {
      const sums = held.sums[name];
      if (!sums?.count) return { value: null, unknown: sums?.unknown ?? 0 };
      return { value: tree[0] === "avg" ? sums.value / sums.count : sums.value, unknown: sums.unknown };
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
  return { span: [period.first, period.last], before: period.before, label: period.label };
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
