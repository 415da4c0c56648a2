import { describe, expect, it, vi } from "vitest";

import { RegistrySettings } from "../registry/index.ts";
import type { Verifier } from "../verify/index.ts";
import { composeGate } from "./compose.ts";

describe("a gate whose verifier is shared", () => {
  it("closed: the verifier is not, since other gates still use it", async () => {
    const close = vi.fn<Verifier["close"]>(() => Promise.resolve());
    const composed = composeGate({
      registries: RegistrySettings.parse({}),
      publicGood: () => {
        throw new Error("no trust root here");
      },
      now: () => new Date("2026-11-24T09:00:00Z"),
      sharedVerifier: { verify: () => Promise.reject(new Error("not asked here")), close },
    });
    await composed.close();
    expect(close).not.toHaveBeenCalled();
  });
});
