// Figures as people read them: the same words as in orchestration/presenting/formats.py.

const UNKNOWN = "unknown";
const SHORT = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS = 86_400_000;

const grouped = (size, decimals) =>
  size.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

const significant = (size, digits = 4) => {
  if (!size) return digits > 3 ? "0.00" : "0";
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  let text = grouped(size, Math.min(decimals, 20));
  if (digits > 3 && decimals > 2) {
    const [whole, part = ""] = text.split(".");
    text = `${whole}.${part.replace(/0+$/, "").padEnd(2, "0")}`;
  }
  return text;
};

const shortened = (size) => {
  for (const [factor, letter] of SHORT)
    if (size / factor >= 0.9995) return significant(Math.max(size / factor, 1), 3) + letter;
  return grouped(size, 0);
};

const percent = (sign, size) => {
  if (size && size < 0.05) return `${sign.replace("+", "")}<0.1%`;
  return `${sign}${grouped(size, 1)}%`;
};

const dollars = (sign, size, short) => {
  if (size > 0 && size < 0.005) return `${sign.replace("+", "")}<$0.01`;
  return `${sign}$${short && size >= 100_000 ? shortened(size) : grouped(size, 2)}`;
};

const shown = (value, unit, short = false) => {
  if (value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value))) return UNKNOWN;
  if (unit === "text" || typeof value !== "number") return String(value);
  if (unit === "date") return dayText(value);
  if (unit === "month") return monthText(value);
  const signed = unit === "usd_change" || unit === "percent_change";
  const sign = value < 0 ? "-" : signed && value > 0 ? "+" : "";
  const size = Math.abs(value);
  switch (unit) {
    case "usd": case "usd_change": return dollars(sign, size, short);
    case "usd_fine": return size >= 10 ? `${sign}$${grouped(size, 2)}` : `${sign}$${significant(size)}`;
    case "percent": case "percent_change": return percent(sign, size);
    case "ratio": return percent(sign, size * 100);
    case "count": return sign + (short && size >= 1000 ? shortened(size) : grouped(size, 0));
    default: return sign + (short && size >= 1000 ? shortened(size) : grouped(size, 2));
  }
};

// Without zeros that say nothing after a point: 1.50k is 1.5k, 100k stays.
const trimmed = (text) => text.replace(/(\.\d*?)0+(?=[kMBT]$)/, "$1").replace(/\.(?=[kMBT]$)/, "");

// How many decimals write every multiple of a step as what it is: 0.25 has two.
const decimalsOf = (step) => {
  let decimals = 0;
  const isOff = (size) => Math.abs(size - Math.round(size)) > size * 1e-6;
  while (decimals < 12 && isOff(step * 10 ** decimals)) decimals += 1;
  return decimals;
};

// A tick of an axis: as short as tells it from the next.
const tickText = (value, unit, step) => {
  const size = Math.abs(value), sign = value < 0 ? "-" : "";
  const money = unit.startsWith("usd") ? "$" : "";
  if (unit === "ratio") return `${sign}${grouped(size * 100, decimalsOf(step * 100))}%`;
  if (unit.startsWith("percent")) return `${sign}${grouped(size, decimalsOf(step))}%`;
  if (size >= 1000 && step >= 10) return `${sign}${money}${trimmed(shortened(size))}`;
  const decimals = decimalsOf(step);
  return `${sign}${money}${grouped(size, unit === "usd" && decimals === 1 ? 2 : decimals)}`;
};

const dateOf = (day) => new Date(day * DAY_MS);
const dayOf = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY_MS);
const isoDay = (day) => dateOf(day).toISOString().slice(0, 10);
const dayText = (day) => {
  const date = dateOf(day);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
};
const shortDay = (day) => {
  const date = dateOf(day);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
};
const monthText = (day) => {
  const date = dateOf(day);
  return `${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
};
const spanText = (first, last) => {
  if (first === last) return dayText(first);
  const [from, to] = [dateOf(first), dateOf(last)];
  if (from.getUTCFullYear() !== to.getUTCFullYear()) return `${dayText(first)} – ${dayText(last)}`;
  return `${shortDay(first)} – ${dayText(last)}`;
};
const bucketText = (day, grain) => {
  if (grain === "month") return monthText(day);
  if (grain === "year") return String(dateOf(day).getUTCFullYear());
  if (grain === "quarter") return `Q${Math.floor(dateOf(day).getUTCMonth() / 3) + 1} ${dateOf(day).getUTCFullYear()}`;
  return grain === "week" ? `week of ${shortDay(day)}` : dayText(day);
};
const UNIT_WORDS = {
  usd: "USD", usd_change: "USD", usd_fine: "USD", count: "count", decimal: "number", percent: "%", ratio: "%",
  percent_change: "%", date: "date", month: "month", instant: "UTC", text: "",
};
