import { existsSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { ChartValues } from "../scripts/chart-values.ts";

const FOLDER = "charts/mc-gate";
const SOURCE = "https://github.com/mc-gate/mc-gate";

/** Values of Kyverno, cert-manager, policy-controller or Gatekeeper that this chart refuses. */
const REFUSED = [
  "extraArgs",
  "webhook.objectSelector",
  "webhook.failurePolicy",
  "webhook.namespaceSelector",
  "livenessProbe.httpGet",
  "rbac.create",
];

function withValue(values: object, [key = "", ...rest]: readonly string[]): object {
  const inner = (values as Readonly<Record<string, object>>)[key] ?? {};
  return { ...values, [key]: rest.length === 0 ? {} : withValue(inner, rest) };
}

describe("a value that other charts have", () => {
  const defaults = parse(readFileSync(`${FOLDER}/values.yaml`, "utf8"));
  const page = readFileSync("docs/guides/platforms.md", "utf8");
  const told = [...page.matchAll(/^\| `([\w.]+)` \| (?=\S)[^|]+ \| (?=\S)[^|]+ \|$/gm)].map(
    ([, name]) => name,
  );

  it("is refused with a reason and another way in the guide", () => {
    expect(told).toEqual(REFUSED);
    expect(ChartValues.safeParse(defaults).success).toBe(true);
  });

  it.each(REFUSED)("is refused by the schema: %s", (name) => {
    const path = name.split(".");
    const { error } = ChartValues.safeParse(withValue(defaults, path));
    const keys = error?.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
    expect(path).toEqual(expect.arrayContaining(keys ?? ["nothing"]));
    expect(keys).toHaveLength(1);
  });
});

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
