// Pictures: elements of SVG, measures of text, the words that follow the pointer.

const SVG = "http://www.w3.org/2000/svg";
const draw = (tag, attributes = {}, ...children) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (name === "fill" || name === "stroke") made.style.setProperty(name, value);
    else made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
};

const pencil = document.createElement("canvas").getContext("2d");
const widths = new Map();
const widthOf = (text, size = 11) => {
  const key = `${size} ${text}`;
  if (!widths.has(key)) {
    if (pencil) pencil.font = `${size}px Arial, "Liberation Sans", Helvetica, sans-serif`;
    widths.set(key, pencil ? pencil.measureText(text).width : text.length * size * 0.56);
  }
  return widths.get(key);
};
// A text that fits, its end replaced by … where it does not.
const fitted = (text, width, size = 11) => {
  if (widthOf(text, size) <= width) return text;
  let length = text.length;
  while (length > 1 && widthOf(`${text.slice(0, length)}…`, size) > width) length--;
  return `${text.slice(0, length)}…`;
};
const label = (x, y, text, attributes = {}) => draw("text", { x, y, class: "tick", ...attributes }, text);
const colour = (number) => `var(--c${number % 8})`;
const coloursOf = (count, hasRest) =>
  Array.from({ length: count }, (_, number) => (hasRest && number === count - 1 ? colour(7) : colour(Math.min(number, 6))));

const picture = (width, height, words, ...children) =>
  draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": words }, ...children);

const tip = element("div", { class: "tip", role: "status", "aria-live": "polite", hidden: true });
const showTip = (x, y, title, rows) => {
  tip.replaceChildren(
    element("b", {}, title),
    ...rows.map((row) =>
      element("div", {}, row.colour && element("i", { style: { background: row.colour } }), element("span", {}, row.label), element("em", {}, row.text))),
  );
  tip.hidden = false;
  const { offsetWidth: w, offsetHeight: h } = tip;
  tip.style.left = `${Math.max(6, Math.min(x + 14, document.documentElement.clientWidth - w - 6))}px`;
  tip.style.top = `${Math.max(6, Math.min(y + 14, document.documentElement.clientHeight - h - 6))}px`;
};
const hideTip = () => { tip.hidden = true; };

const legend = (items) =>
  element("div", { class: "legend" }, items.map((item) =>
    element(item.choose ? "button" : "span", { class: "key", type: item.choose && "button", on: item.choose && { click: item.choose }, title: item.choose && "Filter the page" },
      element("i", { class: item.dashed && "dashed", style: { background: item.dashed ? "none" : item.colour, "border-color": item.colour } }), item.label)));
