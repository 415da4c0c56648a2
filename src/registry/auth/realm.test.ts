import { describe, expect, it } from "vitest";

import { checkRealm } from "./realm.ts";

function isOk(realm: string, origin: string, listed: string[] = []): boolean {
  return checkRealm(realm, new URL(origin), listed).ok;
}

describe("checkRealm", () => {
  it.each([
    ["the registry itself", "https://ghcr.io/token", "https://ghcr.io"],
    ["another port of it", "https://ghcr.io:5001/auth", "https://ghcr.io"],
    ["a domain above it", "https://gitlab.com/jwt/auth", "https://registry.gitlab.com"],
    ["a name below it", "https://auth.example.com/t", "https://example.com"],
    ["Docker Hub's", "https://auth.docker.io/token", "https://registry-1.docker.io"],
    ["the same address", "http://127.0.0.1:5001/token", "http://127.0.0.1:5000"],
    ["https for a plain registry", "https://localhost/token", "http://localhost:5000"],
  ])("takes %s: %s", (_name, realm, origin) => {
    expect(isOk(realm, origin)).toBe(true);
  });

  it.each([
    ["another host", "https://evil.example/token", "https://ghcr.io"],
    ["a host that ends alike", "https://evilghcr.io/token", "https://ghcr.io"],
    ["a host that begins alike", "https://ghcr.io.evil.example/token", "https://ghcr.io"],
    ["the end of its name", "https://hcr.io/token", "https://ghcr.io"],
    ["a sibling", "https://auth.example.com/token", "https://registry.example.com"],
    ["a top-level domain", "https://io/token", "https://ghcr.io"],
    ["http from https", "http://ghcr.io/token", "https://ghcr.io"],
    ["a user name", "https://user@ghcr.io/token", "https://ghcr.io"],
    ["a password", "https://:secret@ghcr.io/token", "https://ghcr.io"],
    ["another scheme", "file:///ghcr.io", "https://ghcr.io"],
    ["no address at all", "token", "https://ghcr.io"],
    ["nothing", "", "https://ghcr.io"],
    ["metadata", "http://169.254.169.254/latest", "http://127.0.0.1:5000"],
    ["part of an address", "http://0.0.1/token", "http://127.0.0.1:5000"],
    ["Docker Hub's for another registry", "https://auth.docker.io/token", "https://ghcr.io"],
    ["a long text", `https://ghcr.io/${"x".repeat(2048)}`, "https://ghcr.io"],
  ])("refuses %s: %s", (_name, realm, origin) => {
    expect(isOk(realm, origin)).toBe(false);
  });

  it("takes a host that is listed, exactly", () => {
    const origin = "https://registry.example.com";
    expect(isOk("https://auth.example.com/token", origin, ["auth.example.com"])).toBe(true);
    expect(isOk("https://auth.example.com:444/token", origin, ["auth.example.com"])).toBe(false);
    expect(isOk("https://x.auth.example.com/token", origin, ["auth.example.com"])).toBe(false);
  });
});
