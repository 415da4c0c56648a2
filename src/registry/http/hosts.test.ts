import { describe, expect, it } from "vitest";

import { RegistrySettings } from "../settings.ts";
import { endpointOf, isAllowedHost, mirrorsOf, registryOf } from "./hosts.ts";

const SETTINGS = RegistrySettings.parse({
  hosts: {
    "plain.example:5000": { plainHttpUnsafe: true },
    "docker.io": { mirrors: ["cache.example", "plain.example:5000/hub/"] },
  },
});

it.each([
  ["docker.io", "https://registry-1.docker.io"],
  ["ghcr.io", "https://ghcr.io"],
  ["ghcr.io:443", "https://ghcr.io"],
  ["plain.example:5000", "http://plain.example:5000"],
  ["plain.example", "https://plain.example"],
  ["[::1]:5000", "https://[::1]:5000"],
])("the endpoint of %s is %s", (registry, origin) => {
  expect(endpointOf(registry, SETTINGS).origin.origin).toBe(origin);
});

it("mirrors keep their order, their prefix and their own settings", () => {
  expect(mirrorsOf("docker.io", SETTINGS).map(({ origin, prefix }) => [origin.origin, prefix])).toEqual([
    ["https://cache.example", ""],
    ["http://plain.example:5000", "hub/"],
  ]);
  expect(mirrorsOf("ghcr.io", SETTINGS)).toEqual([]);
});

it("Docker Hub's API goes by docker.io", () => {
  expect(registryOf(new URL("https://registry-1.docker.io/v2/"))).toBe("docker.io");
  expect(registryOf(new URL("https://ghcr.io:5000/v2/"))).toBe("ghcr.io:5000");
});

describe("isAllowedHost", () => {
  const LIST = ["ghcr.io", "*.example.com", "local:5000"];
  it.each([
    ["ghcr.io", true],
    ["a.example.com", true],
    ["a.b.example.com", true],
    ["local:5000", true],
    ["example.com", false],
    ["evilexample.com", false],
    ["xghcr.io", false],
    ["ghcr.io.evil", false],
    ["local", false],
    ["ghcr.io:444", false],
  ])("%s: %s", (host, allowed) => {
    expect(isAllowedHost(host, LIST)).toBe(allowed);
  });

  it("takes every host where there is no list", () => {
    expect(isAllowedHost("anything", undefined)).toBe(true);
  });
});
