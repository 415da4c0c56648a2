import { describe, expect, it } from "vitest";

import { ADVICE } from "./advice.ts";
import { requestFault } from "./http/failures.ts";

describe("advice on a registry", () => {
  it.each(Object.entries(ADVICE))("%s: a sentence, and a brief of at most 36 characters", (_, advice) => {
    expect(advice.fix).toMatch(/^[A-Z].+\.$/);
    expect(advice.brief).toMatch(/^[A-Z].{1,34}\.$/);
  });

  it.each([
    ["ERR_TLS_CERT_ALTNAME_INVALID", ADVICE.certificate],
    ["CERT_HAS_EXPIRED", ADVICE.certificate],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", ADVICE.certificate],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", ADVICE.certificate],
    ["ENOTFOUND", ADVICE.unknownHost],
    ["ECONNREFUSED", undefined],
    ["ERR_TLS_HANDSHAKE_TIMEOUT", undefined],
  ])("that fails with %s fits the cause", (code, advice) => {
    const error = Object.assign(new Error("x"), { code });
    const fault = requestFault(error, "ghcr.io", new AbortController().signal);
    expect([fault.code, fault.advice]).toEqual(["registry/unavailable", advice]);
  });
});
