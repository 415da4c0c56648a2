import { describe, expect, it } from "vitest";

import { Fault } from "../../core/index.ts";
import { RegistrySettings } from "../settings.ts";
import { counted } from "./counted.ts";

const SETTINGS = RegistrySettings.parse({
  hosts: { "registry.internal:5000": {} },
  allowedHosts: ["*.example.com", "exact.example", "docker.io"],
});

async function countedFor(address: string, outcome: number | Fault): Promise<string[]> {
  const seen: string[] = [];
  const url = new URL(address);
  const exchange = counted(
    async () => {
      if (outcome instanceof Fault) throw outcome;
      return await Promise.resolve({
        status: outcome,
        headers: {},
        body: Buffer.alloc(0),
        digest: undefined,
        url,
      });
    },
    SETTINGS,
    (registry, status) => seen.push(`${registry} ${status}`),
  );
  const request = {
    method: "GET",
    url,
    headers: {},
    limit: 1,
    signal: new AbortController().signal,
  } as const;
  await exchange(request).catch(() => undefined);
  return seen;
}

describe("the count of requests to registries", () => {
  it.each([
    ["https://registry.internal:5000/v2/", 200, "registry.internal:5000 200"],
    ["https://registry-1.docker.io/v2/", 429, "docker.io 429"],
    ["https://ghcr.io/v2/", 404, "ghcr.io 404"],
    ["https://a.example.com/v2/", 503, "*.example.com 5xx"],
    ["https://exact.example/v2/", 307, "exact.example 3xx"],
    ["https://evil.example/v2/", 401, "other 401"],
    ["https://registry.internal/v2/", 418, "other 4xx"],
  ])("%s answers %d: %s", async (url, status, line) => {
    expect(await countedFor(url, status)).toEqual([line]);
  });

  it("a request without an answer is counted as failed", async () => {
    expect(await countedFor("https://ghcr.io/v2/", new Fault("registry/unavailable", "m"))).toEqual([
      "ghcr.io failed",
    ]);
  });
});
