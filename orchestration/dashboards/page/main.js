// The page: ways to others, what is chosen, the grid.

const SECTION_LABELS = { dashboards: "Dashboards", reports: "Reports", analytics: "Analytics", budgets: "Budgets", settings: "Settings" };
const here = location.pathname.split("/").at(-1);

const chooser = (dimension, key) => {
  if (key === OTHERS || !(PAGE.filters ?? []).some((filter) => filter.dimension === dimension)) return null;
  const value = key ?? "";
  return () => {
    const chosen = STATE.chosen[dimension] ?? [];
    setChosen(dimension, chosen.length === 1 && chosen[0] === value ? [] : [value]);
  };
};
const setChosen = (dimension, values) => {
  if (values.length) STATE.chosen[dimension] = values;
  else delete STATE.chosen[dimension];
  changed();
};

const writeAddress = () => {
  const parts = new URLSearchParams();
  if (STATE.from !== null) { parts.set("from", isoDay(STATE.from)); parts.set("to", isoDay(STATE.to)); }
  else if (STATE.period !== PAGE.period) parts.set("period", STATE.period);
  for (const [dimension, values] of Object.entries(STATE.chosen)) values.forEach((value) => parts.append(dimension, value));
  const text = String(parts);
  if (text !== location.hash.slice(1)) history.replaceState(null, "", text ? `#${text}` : location.pathname.split("/").at(-1) || "#");
  document.querySelectorAll("a[data-page]").forEach((link) => link.setAttribute("href", link.dataset.page + (text && link.dataset.page !== "index.html" ? `#${text}` : "")));
};
const readAddress = () => {
  const parts = new URLSearchParams(location.hash.slice(1));
  const date = (name) => (/^\d{4}-\d{2}-\d{2}$/.test(parts.get(name) ?? "") ? dayOf(parts.get(name)) : null);
  [STATE.from, STATE.to] = [date("from"), date("to")];
  if (STATE.from === null || STATE.to === null || !Number.isFinite(STATE.from + STATE.to) || STATE.from > STATE.to) [STATE.from, STATE.to] = [null, null];
  STATE.period = Object.hasOwn(PAGE.periods, parts.get("period") ?? "") ? parts.get("period") : PAGE.period;
  STATE.chosen = {};
  for (const { dimension } of PAGE.filters) {
    // A value that this page has no rows of is kept: a link to a team without any shows nothing, not everybody.
    const values = [...new Set(parts.getAll(dimension))].slice(0, 100);
    if (values.length) STATE.chosen[dimension] = values;
  }
};

const OPTIONS = {};
const optionsOf = (dimension) => (OPTIONS[dimension] ??= [...new Set(Object.values(DATA).flatMap((dataset) => dataset.dimensions?.[dimension]?.values ?? []))]
  .sort((a, b) => nameOf(dimension, a).localeCompare(nameOf(dimension, b), "en", { numeric: true })));
const hasNone = (dimension) => Object.values(DATA).some((dataset) => dataset.dimensions?.[dimension]?.codes?.includes(dataset.dimensions[dimension].values.length));

// Menus close when something else is clicked, and on Escape.
const menu = (words, content, attributes = {}) => {
  const made = element("details", { class: "menu", ...attributes }, element("summary", {}, words), content);
  made.addEventListener("keydown", (event) => { if (event.key === "Escape") { made.open = false; made.firstChild.focus(); } });
  return made;
};
document.addEventListener("click", (event) => document.querySelectorAll("details.menu[open]").forEach((each) => { if (!each.contains(event.target)) each.open = false; }));

const navigation = () => {
  const link = (each, text) => element("a", { href: each.href, "data-page": each.href.startsWith("../") ? null : each.href, "aria-current": each.href === here ? "page" : null }, text);
  const sections = Object.keys(SECTION_LABELS).map((name) => [name, PAGE.links.filter((each) => each.section === name)]).filter(([, links]) => links.length);
  return element("nav", { "aria-label": "Pages" }, sections.map(([name, links]) => {
    const isHere = links.some((each) => each.href === here);
    if (links.length === 1) return element("span", { class: isHere ? "here" : null }, link(links[0], SECTION_LABELS[name]));
    return menu(SECTION_LABELS[name], element("div", { class: "list" }, links.map((each) => link(each, each.label))), { class: isHere ? "menu here" : "menu" });
  }));
};

const appearance = () => {
  const read = () => { try { return localStorage.getItem("costops-theme"); } catch { return null; } };
  const asked = new URLSearchParams(location.search).get("theme");
  const set = (theme) => { if (theme) document.documentElement.dataset.theme = theme; };
  set(asked ?? read());
  return element("button", { type: "button", class: "tool", title: "Light or dark", "aria-label": "Light or dark", on: { click: () => {
    const isDark = getComputedStyle(document.documentElement).colorScheme === "dark";
    set(isDark ? "light" : "dark");
    try { localStorage.setItem("costops-theme", isDark ? "light" : "dark"); } catch { /* not kept */ }
  } } }, icon("half"));
};

const heading = () => element("header", { class: "top" }, element(PAGE.links.length ? "a" : "span", { class: "brand", href: PAGE.links.length ? "index.html" : null }, element("i", {}), "LLM Cost Ops"), navigation(),
  element("span", { class: "tools" }, element("button", { type: "button", class: "tool", title: "Print or save as PDF", "aria-label": "Print", on: { click: () => print() } }, icon("print")), appearance()));

const standing = () => [
  element("p", { class: "fresh" }, [PAGE.through !== null && PAGE.through !== undefined ? `Data through ${typeof PAGE.through === "number" ? dayText(PAGE.through) : PAGE.through}` : "No spend yet", PAGE.standing.published ? `published ${PAGE.standing.published}` : ""].filter(Boolean).join(" · ")),
  PAGE.standing.faults.length ? element("details", { class: "faults" }, element("summary", {}, element("span", { class: "badge warn" }, "incomplete data"), ` ${PAGE.standing.faults.length === 1 ? "one thing is" : `${PAGE.standing.faults.length} things are`} known to be missing`),
    element("ul", {}, PAGE.standing.faults.map((fault) => element("li", {}, fault)))) : null];

const dimensionMenu = ({ dimension, label: name }) => {
  const list = element("div", { class: "options" });
  const search = element("input", { type: "search", placeholder: `Search ${name.toLowerCase()}s`, "aria-label": `Search ${name}`, on: { input: () => fill() } });
  const words = element("span");
  const fill = () => {
    const chosen = STATE.chosen[dimension] ?? [];
    const wanted = search.value.trim().toLowerCase();
    const values = [...new Set([...optionsOf(dimension), ...(hasNone(dimension) ? [""] : []), ...chosen])];
    list.replaceChildren(...values.filter((value) => nameOf(dimension, value || null).toLowerCase().includes(wanted)).slice(0, 300).map((value) =>
      element("label", {}, element("input", { type: "checkbox", checked: chosen.includes(value), on: { change: (event) => setChosen(dimension, event.target.checked ? [...chosen, value] : chosen.filter((each) => each !== value)) } }), nameOf(dimension, value || null))));
    words.textContent = chosen.length === 0 ? `${name}: all` : chosen.length === 1 ? `${name}: ${nameOf(dimension, chosen[0] || null)}` : `${name}: ${chosen.length}`;
    made.classList.toggle("chosen", chosen.length > 0);
  };
  const made = menu(words, element("div", { class: "list" }, optionsOf(dimension).length > 8 && search, list, element("button", { type: "button", class: "link", on: { click: () => setChosen(dimension, []) } }, "All")));
  made.refresh = fill;
  return made;
};

const controls = () => {
  const period = element("select", { "aria-label": "Period", on: { change: (event) => { STATE.from = STATE.to = null; if (event.target.value !== "custom") STATE.period = event.target.value; else { const now = periodNamed(STATE.period); [STATE.from, STATE.to] = [now.first, now.last]; } changed(); } } },
    [...(PAGE.presets.some((each) => each.name === PAGE.period) ? [] : [{ name: PAGE.period, label: PAGE.periods[PAGE.period].label }]), ...PAGE.presets].map((each) => element("option", { value: each.name }, each.label)), element("option", { value: "custom" }, "From … to …"));
  const dates = ["from", "to"].map((name) => element("input", { type: "date", "aria-label": name === "from" ? "First day" : "Last day", on: { change: (event) => {
    const day = event.target.value ? dayOf(event.target.value) : null;
    if (day === null) return;
    const now = pagePeriod();
    [STATE.from, STATE.to] = name === "from" ? [day, Math.max(day, now.last)] : [Math.min(day, now.first), day];
    changed();
  } } }));
  const menus = PAGE.filters.map(dimensionMenu);
  const clear = element("button", { type: "button", class: "link", on: { click: () => { STATE.chosen = {}; STATE.from = STATE.to = null; STATE.period = PAGE.period; changed(); } } }, "Reset");
  const share = element("button", { type: "button", class: "link", title: "Copy a link to exactly this", on: { click: async () => { try { await navigator.clipboard.writeText(location.href); share.textContent = "Copied"; } catch { prompt("Link to exactly this", location.href); } setTimeout(() => { share.textContent = "Copy link"; }, 1500); } } }, "Copy link");
  const isDated = Object.values(DATA).some((dataset) => dataset.has_date);
  const made = element("div", { class: "controls", role: "group", "aria-label": "Filters" }, isDated && [period, element("span", { class: "dates" }, dates[0], "–", dates[1])], menus, clear, share);
  made.refresh = () => {
    const isCustom = STATE.from !== null;
    period.value = isCustom ? "custom" : STATE.period;
    const now = pagePeriod();
    const first = Math.max(now.first, Math.min(...Object.values(DATA).filter((each) => each.has_date && each.rows).map((each) => each.first), now.last));
    dates[0].value = isoDay(isCustom ? now.first : first);
    dates[1].value = isoDay(now.last);
    menus.forEach((each) => each.refresh());
    clear.hidden = !isCustom && STATE.period === PAGE.period && !Object.keys(STATE.chosen).length;
  };
  return made;
};

let bar = null;
// All is told, then measured, then drawn, so that the browser lays the page out once and not once a widget.
const redrawAll = () => {
  selections = new Map();
  hideTip();
  const isStacked = getComputedStyle(document.querySelector(".grid")).display !== "grid";
  if (isStacked) DRAWN.forEach((widget) => widget.clear());
  DRAWN.forEach((widget) => widget.tell());
  const sizes = DRAWN.map((widget) => widget.measure());
  DRAWN.forEach((widget, at) => widget.show(sizes[at]));
};
const changed = () => {
  const started = performance.now();
  writeAddress();
  bar.refresh();
  redrawAll();
  document.documentElement.dataset.ms = (performance.now() - started).toFixed(1);
};

const copyable = (command) => element("code", { class: "command", tabindex: "0", title: "Click to copy", on: { click: () => navigator.clipboard?.writeText(command).catch(() => {}) } }, command);
const listPage = () => {
  const { cards, wrong } = PAGE.index;
  const section = (name, listed) => listed.length ? [element("h2", {}, name), element("div", { class: "cards" }, listed.map((card) => element("a", { class: "card", href: card.href }, element("h3", {}, card.title), element("p", {}, card.description),
    element("span", { class: "tags" }, card.tags.map((tag) => element("span", { class: "badge plain" }, tag)), card.owner && element("span", { class: "muted" }, `kept by ${card.owner}`)))))] : [];
  return [element("div", { class: "title" }, element("div", {}, element("h1", {}, PAGE.title), element("p", { class: "muted" }, PAGE.description)), element("div", { class: "right" }, standing())),
    wrong.length ? element("section", { class: "wrong" }, element("h2", {}, "Not shown: something in the file is wrong"), wrong.map((each) => element("div", {}, element("b", {}, each.file), element("ul", {}, each.faults.map((fault) => element("li", {}, fault)))))) : null,
    ...Object.entries(SECTION_LABELS).flatMap(([name, text]) => section(text, cards.filter((card) => card.section === name))),
    element("h2", {}, "Do"), element("div", { class: "cards" }, [
      ["Generate a report", "As page, PDF, Excel or Markdown.", "costops report executive_monthly --period last_month"],
      ["New dashboard", "One file, and it is here after the next run.", "costops dashboard new my_dashboard"], ["Export data", "Any table as CSV, or the CSV button of a widget.", "costops query \"from rpt_cost_monthly\" --format csv"],
      ["Why did it change?", "A change of spend in drivers, in the terminal.", "costops why --help"], ["What to do", "Every recommendation with its evidence.", "costops recommend list"], ["Set up an alert", "Budgets and alerts/alert_rules.csv say what is one, COSTOPS_ALERT_… who is told. What holds:", "costops alerts rules"],
    ].map(([title, words, command]) => element("div", { class: "card" }, element("h3", {}, title), element("p", {}, words), copyable(command))))];
};

const start = () => {
  const app = document.getElementById("app");
  const main = element("main");
  app.replaceChildren(heading(), main, tip);
  if (PAGE.index) { main.append(...listPage().filter(Boolean)); return; }
  bar = controls();
  readAddress();
  main.append(element("div", { class: "title" }, element("div", {}, element("h1", {}, PAGE.title), element("p", { class: "muted" }, PAGE.description)), element("div", { class: "right" }, standing())), bar,
    element("div", { class: "grid" }, [...PAGE.widgets].sort((a, b) => a.position.y - b.position.y || a.position.x - b.position.x).map(makeWidget)));
  changed();
  const grid = main.querySelector(".grid");
  let width = grid.clientWidth, waiting = 0;
  new ResizeObserver(() => { clearTimeout(waiting); waiting = setTimeout(() => { if (grid.clientWidth !== width) { width = grid.clientWidth; redrawAll(); } }, 60); }).observe(grid);
  addEventListener("hashchange", () => { readAddress(); changed(); });
  const paper = (isPaper) => { document.documentElement.classList.toggle("paper", isPaper); redrawAll(); };
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });
  document.documentElement.dataset.ready = performance.now().toFixed(0);
  if (location.search.includes("figures")) document.body.append(element("pre", { id: "figures", hidden: true }, JSON.stringify({ state: STATE, period: pagePeriod(), cuts: each(DATA, (dataset) => dataset.cut), ms: document.documentElement.dataset.ms, ready: document.documentElement.dataset.ready, widgets: PAGE.widgets.map((widget) => ({ id: widget.id, span: spanOf(widget), ...figuresOf(widget) })) })));
};
start();
