import type { Readings } from "../../src/metrics/index.ts";

/** The state of a gate that has nothing to tell yet. */
export const NO_READINGS: Readings = {
  version: "0",
  documents: () => [],
  dangers: () => [],
  waivers: () => [],
  switches: () => [],
  namespaceModes: () => undefined,
  webhooks: () => undefined,
  trustAges: () => [],
  certificateEnd: () => undefined,
  isCertificateRefused: () => false,
  authorityEnds: () => [],
};
