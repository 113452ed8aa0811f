// A small part of Markdown: headings, lists, emphasis, code, links to pages beside this one. Markup in it is text.

const inline = (text) => {
  const parts = [];
  const pattern = /\*\*([^*]+)\*\*|\*([^*]+)\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    parts.push(text.slice(at, found.index));
    if (found[1]) parts.push(element("strong", {}, found[1]));
    else if (found[2]) parts.push(element("em", {}, found[2]));
    else if (found[3]) parts.push(element("code", {}, found[3]));
    else parts.push(/^[\w./#=&-]+$/.test(found[5]) && !found[5].startsWith("//") ? element("a", { href: found[5] }, found[4]) : found[4]);
    at = found.index + found[0].length;
  }
  return [...parts, text.slice(at)];
};

const markdown = (source) =>
  source.trim().split(/\n{2,}/).map((block) => {
    const lines = block.split("\n");
    const heading = /^(#{1,4})\s+(.*)$/.exec(lines[0]);
    if (heading && lines.length === 1) return element(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2]));
    if (lines.every((line) => /^\s*[-*]\s+/.test(line))) return element("ul", {}, lines.map((line) => element("li", {}, inline(line.replace(/^\s*[-*]\s+/, "")))));
    if (lines.every((line) => /^\s*\d+\.\s+/.test(line))) return element("ol", {}, lines.map((line) => element("li", {}, inline(line.replace(/^\s*\d+\.\s+/, "")))));
    return element("p", {}, inline(lines.join(" ")));
  });

const drawText = (widget) => [element("div", { class: "prose" }, markdown(widget.options.markdown))];
