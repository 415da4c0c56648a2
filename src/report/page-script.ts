/** What the scripts of pages are made from. Text becomes text nodes alone: no part of it is ever read as HTML. */
export const PAGE_SCRIPT = String.raw`"use strict";
const page = (() => {
  const MOST_ROWS = 500;
  const el = (name, props, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(props ?? {})) node.setAttribute(key, value);
    for (const child of children) if (child !== undefined) node.append(child);
    return node;
  };
  const text = (value) => value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const order = (a, b) => a === b ? 0 : /^-?\d+$/.test(a) && /^-?\d+$/.test(b) ? Number(a) - Number(b) : a < b ? -1 : 1;
  /** A table that is sorted by a click on a column's title, and filtered by text. */
  const table = (titles, rows, note) => {
    const cells = rows.map((row) => row.map(text));
    const body = el("tbody"), count = el("p", { class: "dim" });
    let column, down = false, wanted = "";
    const draw = () => {
      const shown = cells.filter((row) => wanted === "" || row.some((each) => each.toLowerCase().includes(wanted)));
      if (column !== undefined) shown.sort((a, b) => (down ? -1 : 1) * order(a[column], b[column]));
      body.replaceChildren(...shown.slice(0, MOST_ROWS).map((row) => {
        const line = el("tr");
        for (const each of row) {
          const cell = el("td");
          cell.textContent = each;
          line.append(cell);
        }
        return line;
      }));
      const cut = shown.length > MOST_ROWS ? ", the first " + MOST_ROWS + " shown; filter for others" : "";
      count.textContent = shown.length + " of " + cells.length + (cells.length === 1 ? " row" : " rows") + cut + (note ? "; " + note : "");
    };
    const heads = titles.map((title, at) => {
      const button = el("button", { type: "button" }, title);
      button.addEventListener("click", () => { down = column === at && !down; column = at; draw(); });
      return el("th", { scope: "col" }, button);
    });
    const filter = el("input", { type: "search", placeholder: "filter", "aria-label": "filter the rows" });
    filter.addEventListener("input", () => { wanted = filter.value.toLowerCase(); draw(); });
    draw();
    const whole = el("table", {}, el("thead", {}, el("tr", {}, ...heads)), body);
    return el("div", {}, cells.length > 5 ? filter : undefined, el("div", { class: "scroll" }, whole), count);
  };
  /** Bars one above the other: [label, [[class, number], ...]]. */
  const bars = (rows) => {
    const svg = (name, props) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(props)) node.setAttribute(key, value);
      return node;
    };
    const most = Math.max(1, ...rows.map(([, parts]) => parts.reduce((sum, [, n]) => sum + n, 0)));
    const root = svg("svg", { viewBox: "0 0 640 " + (rows.length * 20 + 4), role: "img" });
    rows.forEach(([label, parts], row) => {
      const name = svg("text", { x: 0, y: row * 20 + 14 });
      name.textContent = label;
      root.append(name);
      let x = 90;
      for (const [kind, n] of parts) {
        const width = (n / most) * 480;
        root.append(svg("rect", { x, y: row * 20 + 3, width, height: 14, class: kind }));
        x += width;
      }
      const sum = svg("text", { x: x + 6, y: row * 20 + 14 });
      sum.textContent = parts.map(([, n]) => n).join(" / ");
      root.append(sum);
    });
    return root;
  };
  return { el, text, table, bars };
})();`;
