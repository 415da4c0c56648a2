import { describe, expect, it } from "vitest";

import { isIssuedBy } from "./issued-by.ts";
import { nextCertificates } from "./next-certificates.ts";

const NAMES = ["gate.example.svc"];

/** Authorities that are made at the same time have the same name. */
const NOW = new Date("2026-11-30T12:00:00Z");

async function issued(): Promise<{ readonly authority: string; readonly certificate: string }> {
  const { set, caBundle } = await nextCertificates(undefined, { names: NAMES, now: NOW });
  return { authority: caBundle, certificate: set.leaf.cert };
}

const [ours, theirs] = [await issued(), await issued()];

describe("a certificate", () => {
  it.each([
    ["one that issued it", ours.authority, true],
    ["one that issued it, among others", `${theirs.authority}\n${ours.authority}`, true],
    ["itself", ours.certificate, true],
    ["another of the same name", theirs.authority, false],
    ["another's certificate", theirs.certificate, false],
    ["none", "", false],
    [
      "a text that is no certificate",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      false,
    ],
  ])("is trusted by a client whose authority is %s: %s", (_, authorities, expected) => {
    expect(isIssuedBy(ours.certificate, authorities)).toBe(expected);
  });

  it("is not trusted where it cannot be read, or where only its intermediate is sent", () => {
    expect(isIssuedBy("", ours.authority)).toBe(false);
    expect(isIssuedBy(`${ours.certificate}${ours.authority}`, theirs.authority)).toBe(false);
  });

  it("is trusted by way of the authority that is sent with it", () => {
    expect(isIssuedBy(`${ours.certificate}${ours.authority}`, ours.authority)).toBe(true);
  });
});
