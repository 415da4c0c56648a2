import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { UsageError } from "../core/index.ts";
import { openSigner, type SignerOptions } from "./open-signer.ts";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const der = privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
const header = Buffer.from(JSON.stringify({ alg: "RS256" })).toString("base64url");
const token = `${header}.${Buffer.from(JSON.stringify({ sub: "promoter" })).toString("base64url")}.c2lnbmVk`;
const keyless = { certificateIdentity: "https://a.test/x", certificateOidcIssuer: "https://a.test" };

function complaintOf(options: SignerOptions): string {
  try {
    openSigner(options, {});
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "";
}

describe("openSigner", () => {
  it.each<[string, string]>([
    ["a PEM block", pem],
    ["a PEM block without its line ends", pem.replaceAll("\n", "")],
    ["a key after env://", `env://${pem}`],
    ["a PEM block in Base64", Buffer.from(pem).toString("base64")],
    ["DER in Base64", der],
    ["DER in Base64 after env://", `env://${der}`],
    ["the body of a PEM block", `${der.slice(0, 64)}\n${der.slice(64)}`],
  ])("--key given %s: names env://NAME, and repeats nothing of it", (_, key) => {
    const complaint = complaintOf({ key });
    expect(complaint).toContain("env://NAME");
    expect(partsOf(key).filter((part) => complaint.includes(part))).toEqual([]);
  });

  it.each<[string, string]>([
    ["a JWT", token],
    ["a JWT and a line end", `${token}\n`],
    ["a JWT after a space", ` ${token}`],
  ])("--identity-token-file given %s: names SIGSTORE_ID_TOKEN, and repeats nothing of it", (_, file) => {
    const complaint = complaintOf({ ...keyless, identityTokenFile: file });
    expect(complaint).toContain("SIGSTORE_ID_TOKEN");
    expect(partsOf(file).filter((part) => complaint.includes(part))).toEqual([]);
  });

  it("names a file that it cannot read", () => {
    expect(complaintOf({ key: "keys/MI-none.pem" })).toContain("keys/MI-none.pem");
    expect(complaintOf({ ...keyless, identityTokenFile: "/run/eyJ/token" })).toContain("/run/eyJ/token");
  });
});

/** Every 12 characters of a secret, apart from what a PEM block always has. */
function partsOf(text: string): string[] {
  const secret = text.replaceAll(/env:\/\/|-----[A-Z ]+-----/g, "");
  return Array.from({ length: secret.length - 12 }, (_, at) => secret.slice(at, at + 12));
}
