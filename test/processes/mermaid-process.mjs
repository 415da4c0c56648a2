import { readFileSync } from "node:fs";

import { JSDOM } from "jsdom";

// JavaScript, since jsdom has no types; a process of its own, since Mermaid wants a browser's globals
const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");

/** What Mermaid itself reads in flowcharts: their nodes, arrows and groups. Throws where it would not draw one. */
const read = process.argv.slice(2).map(async (file) => {
  const text = readFileSync(file, "utf8");
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  return {
    nodes: [...db.getVertices().values()].map(({ id, text: label, classes }) => ({ id, label, classes })),
    arrows: db.getEdges().map(({ start, end }) => [start, end]),
    groups: db.getSubGraphs().map(({ title, nodes }) => ({ title, nodes })),
  };
});
process.stdout.write(JSON.stringify(await Promise.all(read)));
