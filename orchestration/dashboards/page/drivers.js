// Why a cost changed: volume, model mix, tier mix, tokens per request, cache, price, and what is beside requests.
// Each driver gets its Shapley share, as in ml/anomalies/decompose.py: no order is preferred and nothing is left over.

const DRIVERS = ["volume", "model_mix", "tier_mix", "tokens_per_request", "cache_rate", "price", "other"];
const DRIVER_WORDS = {
  volume: "More or fewer requests", model_mix: "Which models", tier_mix: "Which tiers", tokens_per_request: "Tokens per request",
  cache_rate: "Cache use", price: "Price per token", other: "Charges beside tokens", outside: "Charges not metered", infrastructure: "Infrastructure", own: "Own costs",
};
const KINDS_OF_TOKEN = ["uncached_input", "cache_read", "cache_write", "output"];
const over = (above, below) => (below > 0 ? above / below : NaN);
const orOther = (mine, other) => (Number.isNaN(mine) ? (Number.isNaN(other) ? 0 : other) : mine);

const sideOf = (widget, span) => {
  const { dataset } = select(widget.dataset, span, widget.where);
  const numbers = ["cost_usd", "request_count", ...KINDS_OF_TOKEN.flatMap((kind) => [`${kind}_tokens`, `${kind}_cost_usd`])].filter((name) => dataset.measures[name]);
  const keys = ["model_id", "service_tier"].filter((name) => dataset.dimensions[name]).map((dimension) => ({ dimension }));
  const trees = numbers.map((name) => ["sum", name]);
  return new Map(groupBy(select(widget.dataset, span, widget.where), keys, trees).map((group) => [group.key.join("\u0001"),
    { model: group.key[0], ...Object.fromEntries(numbers.map((name, at) => [name, group.at(trees[at]).value ?? 0])) }]));
};

const decompose = (old, now) => {
  const keys = [...new Set([...old.keys(), ...now.keys()])];
  const found = Object.fromEntries(DRIVERS.map((name) => [name, 0]));
  const rows = keys.map((key) => [old.get(key), now.get(key)].map((row) => ({ model: (old.get(key) ?? now.get(key)).model, ...row })));
  const counted = [];
  for (const pair of rows) {
    const requests = pair.map((row) => row.request_count ?? 0), costs = pair.map((row) => row.cost_usd ?? 0);
    if (!(requests[0] > 0) && !(requests[1] > 0)) { found.other += costs[1] - costs[0]; continue; }
    counted.push(pair.map((row, side) => {
      if (requests[side] > 0) return row;
      found.other += (side ? 1 : -1) * costs[side];
      return { model: row.model };
    }));
  }
  if (!counted.length) return found;
  const factors = [0, 1].map((side) => factorsOf(counted.map((pair) => pair[side])));
  const values = DRIVERS.map((name) => [0, 1].map((side) => counted.map((_, row) => both(factors[side][name][row], factors[1 - side][name][row]))));
  const cost = (chosen) => counted.reduce((sum, _, row) => {
    const [volume, model, tier, tokens, shares, prices, rest] = values.map((pair, at) => pair[chosen[at]][row]);
    return sum + volume * model * tier * (tokens[0] * (shares[0] * prices[0] + shares[1] * prices[1] + shares[2] * prices[2]) + tokens[1] * prices[3] + rest);
  }, 0);
  const known = new Map();
  for (let bits = 0; bits < 128; bits++) known.set(bits, cost(DRIVERS.map((_, at) => (bits >> at) & 1)));
  const factorial = [1, 1, 2, 6, 24, 120, 720, 5040];
  DRIVERS.forEach((name, at) => {
    for (let bits = 0; bits < 128; bits++) {
      if (!((bits >> at) & 1)) continue;
      let others = -1;
      for (let bit = 0; bit < 7; bit++) others += (bits >> bit) & 1;
      found[name] += ((factorial[others] * factorial[6 - others]) / factorial[7]) * (known.get(bits) - known.get(bits & ~(1 << at)));
    }
  });
  return found;
};
const both = (mine, other) => (Array.isArray(mine) ? mine.map((value, at) => orOther(value, other[at])) : orOther(mine, other));

const factorsOf = (rows) => {
  const total_ = rows.reduce((sum, row) => sum + (row.request_count ?? 0), 0);
  const byModel = new Map();
  for (const row of rows) byModel.set(row.model, (byModel.get(row.model) ?? 0) + (row.request_count ?? 0));
  const of = (make) => rows.map((row) => make(row, row.request_count ?? 0, byModel.get(row.model)));
  const tokens = (row) => KINDS_OF_TOKEN.map((kind) => row[`${kind}_tokens`] ?? 0);
  const costs = (row) => KINDS_OF_TOKEN.map((kind) => row[`${kind}_cost_usd`] ?? 0);
  const input = (row) => tokens(row).slice(0, 3).reduce((sum, value) => sum + value, 0);
  return {
    volume: of(() => total_),
    model_mix: of((_, __, model) => over(model, total_)),
    tier_mix: of((_, count, model) => over(count, model)),
    tokens_per_request: of((row, count) => [over(input(row), count), over(tokens(row)[3], count)]),
    cache_rate: of((row) => tokens(row).slice(0, 3).map((value) => over(value, input(row)))),
    price: of((row) => costs(row).map((value, at) => over(value, tokens(row)[at]))),
    other: of((row, count) => over((row.cost_usd ?? 0) - costs(row).reduce((sum, value, at) => sum + (tokens(row)[at] > 0 ? value : 0), 0), count)),
  };
};

const driversOf = (widget) => {
  const { span, before } = spanOf(widget);
  if (!before) return null;
  const whole = [before, span].map((days) => groupBy(select(widget.options.total_dataset, days, {}), [], [widget.options.total])[0].at(widget.options.total));
  if (whole[0].value === null && whole[1].value === null) return null;
  const found = decompose(sideOf(widget, before), sideOf(widget, span));
  const change = (whole[1].value ?? 0) - (whole[0].value ?? 0);
  found.outside = change - DRIVERS.reduce((sum, name) => sum + found[name], 0);
  const name = widget.options.total_dataset;
  if (DATA[name].dimensions.cost_kind) for (const kind of ["infrastructure", "own"]) {
    const sides = [before, span].map((days) => groupBy(select(name, days, { cost_kind: [kind] }), [], [widget.options.total])[0].at(widget.options.total).value ?? 0);
    found[kind] = sides[1] - sides[0];
    found.outside -= found[kind];
  }
  return { found, whole, change, before, span };
};

const drawDrivers = (widget, width, height) => {
  const told = driversOf(widget);
  if (!told) return null;
  const { found, whole, change, before, span } = told;
  const parts = Object.entries(found).filter(([, value]) => Math.abs(value) >= 0.005).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const ratio = whole[0].value ? ` (${shown((change / whole[0].value) * 100, "percent_change")})` : "";
  const why = parts.filter(([, value]) => Math.sign(value) === Math.sign(change) && Math.abs(value) >= 0.1 * Math.abs(change)).slice(0, 2).map(([name, value]) => `${DRIVER_WORDS[name].toLowerCase()} (${shown(value, "usd_change")})`);
  const words = `${subject()} spent ${amountText({ value: whole[1].value ?? 0, unknown: whole[1].unknown }, "usd")} in ${spanText(...span)}: ${shown(change, "usd_change")}${ratio} against ${spanText(...before)}` + (why.length ? `, most of it from ${why.join(" and ")}.` : ".");
  const steps = [{ name: "Before", value: whole[0].value ?? 0, unknown: whole[0].unknown, isTotal: true },
    ...parts.map(([name, value]) => ({ name: DRIVER_WORDS[name], value, unknown: 0 })),
    { name: "Now", value: whole[1].value ?? 0, unknown: whole[1].unknown, isTotal: true }];
  return [element("p", { class: "answer" }, words), ...stepsAcross(steps, widget, width, height - 54)];
};

const subject = () => {
  const chosen = Object.entries(STATE.chosen).map(([dimension, values]) => values.slice(0, 3).map((value) => nameOf(dimension, value || null)).join(", "));
  return chosen.length ? chosen.join(" · ") : PAGE.subject || "All of it together";
};
