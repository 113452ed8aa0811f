// The page's content, and elements made without ever reading text as markup.

const PAGE = JSON.parse(document.getElementById("page").textContent);

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (name === "style") for (const [property, text] of Object.entries(value)) made.style.setProperty(property, text);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
};

const nameOf = (dimension, value) => {
  if (value === null) return dimension === "team_id" || dimension === "cost_center_id" ? "unallocated" : PAGE.labels?.[dimension] ? `no ${labelOf(dimension).toLowerCase()}` : "—";
  return PAGE.names?.[dimension]?.[value] ?? (WORDS.has(dimension) ? String(value).replaceAll("_", " ") : value);
};
// Dimensions whose values are words of the project, not names from outside.
const WORDS = new Set(["strategy", "lever", "result", "scope_type", "status", "kind", "reason", "unpriced_reason", "unallocated_reason",
  "subject_type", "period_type", "cost_basis", "line_type", "category", "check_name", "meter", "charge_category", "classification"]);
const SCALE = ["low", "medium", "high"];
const inOrder = (a, b) => (SCALE.includes(a) && SCALE.includes(b) ? SCALE.indexOf(a) - SCALE.indexOf(b) : String(a).localeCompare(String(b), "en", { numeric: true }));

const ICONS = {
  file: "M8 1v9M4.5 6.5 8 10l3.5-3.5M2 12v2.5h12V12", table: "M1.5 2.5h13v11h-13zM1.5 6h13M1.5 9.8h13M6 2.5v11",
  print: "M4 5V1.5h8V5M4 11H1.5V5h13v6H12M4 9h8v5.5H4z", half: "M8 1.5a6.5 6.5 0 1 0 0 13zM8 1.5a6.5 6.5 0 0 1 0 13",
};
const icon = (name) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", width: 14, height: 14, class: `icon ${name}`, "aria-hidden": "true" })) made.setAttribute(key, value);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  made.append(path);
  return made;
};

const labelOf = (dimension) => PAGE.labels?.[dimension] ?? titled(dimension);

const titled = (name) => {
  const words = name.replace(/_(id|usd)$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
