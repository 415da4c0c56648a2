import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type DockerAuth, isForRegistry, parseDockerConfig } from "./docker-auth.ts";

const AUTH = Buffer.from("robot:pass:word").toString("base64");
const PASSWORD = { kind: "password", username: "robot", password: "pass:word" };

function config(auths: unknown): string {
  return JSON.stringify({ auths });
}

describe("parseDockerConfig", () => {
  it.each([
    ["https://index.docker.io/v1/", { registry: "docker.io" }],
    ["docker.io", { registry: "docker.io" }],
    ["registry-1.docker.io", { registry: "docker.io" }],
    ["ghcr.io", { registry: "ghcr.io" }],
    ["GHCR.io", { registry: "ghcr.io" }],
    ["https://registry.example.com:5000/v2/", { registry: "registry.example.com:5000" }],
    ["http://localhost:5000", { registry: "localhost:5000" }],
    ["ghcr.io/team/app", { registry: "ghcr.io", pathPrefix: "team/app" }],
    ["ghcr.io/http://team", { registry: "ghcr.io", pathPrefix: "http://team" }],
  ])("reads the key %s", (key, place) => {
    expect(parseDockerConfig(config({ [key]: { auth: AUTH } }))).toEqual([{ ...place, ...PASSWORD }]);
  });

  it.each([
    "*.exa mple.com",
    "[z-a].example.com",
    "*.example.com:*",
    "registry",
    "user@ghcr.io",
    "",
    "ghcr.io\nx",
    "https://",
  ])("leaves out the key %j, which is no host", (key) => {
    expect(parseDockerConfig(config({ [key]: { auth: AUTH } }))).toEqual([]);
  });

  it.each([
    ["*.example.com", "registry.example.com", true],
    ["https://*.example.com/v2/", "registry.example.com", true],
    ["*.Example.com", "registry.example.com", true],
    ["r?.example.com", "r1.example.com", true],
    ["r[0-4].example.com", "r1.example.com", true],
    ["*.example.com:5000", "registry.example.com:5000", true],
    ["*-good.example.com", "very-good.example.com", true],
    ["*.io", "docker.io", true],
    ["r[^0-4].example.com", "r1.example.com", false],
    ["r[^0-4]example.com", "r.example.com", false],
    ["*.example.com", "example.com", false],
    ["*.example.com", "a.b.example.com", false],
    ["*.example.com", "registry.example.com:5000", false],
    ["*.example.com", "registry.example.com.evil.example", false],
    ["r?.example.com", "r.example.com", false],
    ["*xample.com", "registry.example.com", false],
    ["*", "ghcr.io", false],
  ])("the key %s and the registry %s, as the kubelet compares them: %s", (key, registry, isFor) => {
    const [auth] = parseDockerConfig(config({ [key]: { auth: AUTH } })) as [DockerAuth];
    expect(isForRegistry(auth, registry)).toBe(isFor);
    expect(auth).toMatchObject(PASSWORD);
  });

  it("tries what names the host itself first", () => {
    const keys = ["*.io", "ghcr.io", "*.io/team"];
    const auths =
      parseDockerConfig(config(Object.fromEntries(keys.map((key) => [key, { auth: AUTH }])))) ?? [];
    expect(auths.map((each) => (each.kind === "unread" ? "" : each.registry))).toEqual([
      "ghcr.io",
      "*.io",
      "*.io",
    ]);
    expect(auths[2]).toMatchObject({ pathPrefix: "team" });
  });

  it.each([
    ["username and password", { username: "robot", password: "pass:word" }, PASSWORD],
    ["an identity token", { auth: AUTH, identitytoken: "t" }, { kind: "identity-token", identityToken: "t" }],
    [
      "a password with NUL in it",
      { auth: Buffer.from("robot:pa\0ss").toString("base64") },
      { ...PASSWORD, password: "pa\0ss" },
    ],
    ["a padded pair", { auth: Buffer.from("robot:pass:word\0\0").toString("base64") }, PASSWORD],
  ])("reads %s", (_name, entry, credential) => {
    expect(parseDockerConfig(config({ "ghcr.io": entry }))).toEqual([{ registry: "ghcr.io", ...credential }]);
  });

  it.each([{}, { auth: "" }, { auth: "bm9jb2xvbg==" }, { auth: 7 }, null, "text", { username: "x" }])(
    "leaves out the entry %j, which holds no credential",
    (entry) => {
      expect(parseDockerConfig(config({ "ghcr.io": entry }))).toEqual([]);
    },
  );

  it("reads a megabyte, and no more", () => {
    const text = config({ "ghcr.io": { auth: AUTH } });
    expect(parseDockerConfig(text.padEnd(1024 * 1024))).toHaveLength(1);
    expect(parseDockerConfig(text.padEnd(1024 * 1024 + 1))).toBeUndefined();
  });

  it("reads the legacy form", () => {
    expect(parseDockerConfig(JSON.stringify({ "ghcr.io": { auth: AUTH, email: "a@b" } }))).toEqual([
      { registry: "ghcr.io", ...PASSWORD },
    ]);
  });

  it.each(["", "null", "[]", "7", "{", `"${"x".repeat(1024 * 1024)}"`])("refuses other text", (text) => {
    expect(parseDockerConfig(text)).toBeUndefined();
  });

  it.each([
    [256, 256, []],
    [257, 256, ["limits/exceeded"]],
    [300, 256, ["limits/exceeded"]],
  ])("of %i entries reads %i, and says that there are more", (count, read, codes) => {
    const many = Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`r${i}.example.com`, { auth: AUTH }]),
    );
    const auths = parseDockerConfig(config(many)) ?? [];
    expect(auths.filter(({ kind }) => kind !== "unread")).toHaveLength(read);
    expect(auths.slice(read)).toEqual(codes.map((code) => expect.objectContaining({ kind: "unread", code })));
  });

  it("never throws, and never makes up a host", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (key, value) => {
        for (const each of parseDockerConfig(config({ [key]: value })) ?? []) {
          const registry = each.kind === "unread" ? key : each.registry;
          expect(registry === "docker.io" || key.toLowerCase().includes(registry)).toBe(true);
        }
      }),
    );
  });
});
