import { describe, expect, it } from "vitest";
import { z } from "zod";

import { RegistrySettings } from "./settings.ts";

describe("RegistrySettings", () => {
  it("has defaults for all of it", () => {
    expect(RegistrySettings.parse({})).toMatchObject({
      hosts: {},
      cloudCredentials: [],
      limits: {
        manifestBytes: 4_194_304,
        blobBytes: 92_274_688,
        referrers: 1024,
        layers: 1024,
        redirects: 3,
      },
    });
  });

  it.each([
    [{ unknown: 1 }],
    [{ hosts: { "GHCR.io": {} } }],
    [{ hosts: { "*.example.com": {} } }],
    [{ hosts: { "https://ghcr.io": {} } }],
    [{ hosts: { "ghcr.io": { insecure: true } } }],
    [{ hosts: { "ghcr.io": { mirrors: ["a", "b", "c", "d", "e"] } } }],
    [{ hosts: { "ghcr.io": { mirrors: ["https://mirror.example"] } } }],
    [{ hosts: { "ghcr.io": { tokenHosts: ["*.example.com"] } } }],
    [{ allowedHosts: [] }],
    [{ allowedHosts: ["*"] }],
    [{ allowedHosts: ["a*.example.com"] }],
    [{ cloudCredentials: ["s3"] }],
    [{ limits: { blobBytes: 0 } }],
    [{ limits: { blobBytes: 1e12 } }],
    [{ limits: { redirects: -1 } }],
    [{ limits: { retries: "2" } }],
  ])("refuses %j", (settings) => {
    expect(RegistrySettings.safeParse(settings).success).toBe(false);
  });

  it("describes each of its settings, for the reference and the chart", () => {
    const schema = z.toJSONSchema(RegistrySettings, { io: "input" });
    const { limits, hosts } = schema.properties ?? {};
    const silent = Object.entries({ ...schema.properties, ...propertiesOf(limits) }).filter(
      ([name, value]) => name !== "limits" && !(typeof value === "object" && "description" in value),
    );
    expect(silent.map(([name]) => name)).toEqual([]);
    expect(hosts).toHaveProperty("additionalProperties.properties.mirrors.description");
  });
});

function propertiesOf(schema: unknown): object {
  return typeof schema === "object" && schema !== null && "properties" in schema
    ? Object(schema.properties)
    : {};
}
