// What pages of dashboards compute, without a browser: runs the program of each page on elements that hold nothing.
// node page_figures.js PAGE [HASH] ... prints a JSON list with one entry per page.
const fs = require("node:fs");
const vm = require("node:vm");

const numbers = { clientWidth: 600, clientHeight: 300, width: 6, height: 10, offsetWidth: 10, offsetHeight: 10, left: 0, top: 0 };
const made = () => {
  const held = { text: "" };
  const stub = new Proxy(function () {}, {
    get: (_, key) => {
      if (key === Symbol.toPrimitive) return () => "";
      if (key === Symbol.iterator) return function* () {};
      if (key === "held") return held;
      if (key === "append") return (...children) => { for (const child of children) if (typeof child === "string") held.text += child; };
      if (key === "value") return held.value ?? "";
      return key in numbers ? numbers[key] : (held[key] ??= made());
    },
    set: (_, key, value) => { held[key] = value; return true; },
    apply: () => made(),
    construct: () => made(),
    deleteProperty: () => true,
  });
  return stub;
};

const figures = (path, hash) => {
  const html = fs.readFileSync(path, "utf8");
  const data = /<script id="page" type="application\/json">(.*?)<\/script>/s.exec(html)[1];
  const program = /<\/script>\n<script>(.*?)<\/script>\n<\/body>/s.exec(html)[1];
  const shown = [];
  const document = new Proxy({}, {
    get: (_, key) => {
      if (key === "getElementById") return (id) => (id === "page" ? { textContent: data } : made());
      if (key === "createElement") return (tag) => { const element = made(); if (tag === "pre") shown.push(element); return element; };
      if (key === "createElementNS") return () => made();
      return made();
    },
  });
  const started = performance.now();
  vm.runInNewContext(program, {
    document, performance, URLSearchParams, atob, Date, console, setTimeout: () => 0, clearTimeout: () => 0, addEventListener: () => 0,
    location: { pathname: "/page.html", hash, search: "?figures" }, history: made(), localStorage: made(), navigator: made(),
    getComputedStyle: () => made(), ResizeObserver: made(), innerWidth: 1440,
  });
  return { ...JSON.parse(shown[0].held.text), seconds: (performance.now() - started) / 1000 };
};

const found = [];
for (const argument of process.argv.slice(2)) {
  const [path, hash = ""] = argument.split("#");
  found.push(figures(path, hash && `#${hash}`));
}
process.stdout.write(JSON.stringify(found));
