import { existsSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const FOLDER = "charts/mc-gate";
const SOURCE = "https://github.com/mc-gate/mc-gate";

describe("the chart's own description", () => {
  const chart = parse(readFileSync(`${FOLDER}/Chart.yaml`, "utf8"));

  it("has what a catalogue of charts shows", () => {
    expect(chart).toMatchObject({
      home: SOURCE,
      sources: [SOURCE],
      maintainers: [{ name: expect.any(String), url: expect.stringMatching(/^https:/) }],
      annotations: { "artifacthub.io/category": "security", "artifacthub.io/license": "Apache-2.0" },
    });
    expect(chart.keywords.length).toBeGreaterThan(3);
  });

  it("names files of this repository that exist: its icon and its links", () => {
    const links: readonly { url: string }[] = parse(chart.annotations["artifacthub.io/links"]);
    const paths = [...links.map(({ url }) => url), chart.icon].map(
      (url: string) => url.split("/main/")[1] ?? url,
    );
    expect(paths).toHaveLength(3);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  it("has the version of the package", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect([chart.version, chart.appVersion]).toEqual([version, version]);
  });

  it("has a page for catalogues", () => {
    expect(readFileSync(`${FOLDER}/README.md`, "utf8")).toMatch(/^# MC Gate$/m);
  });
});
