import { hostname } from "node:os";

import { afterEach, expect, it, vi } from "vitest";

import { podName } from "./pod-name.ts";

afterEach(() => void vi.unstubAllEnvs());

it.each([
  ["mc-gate-7d9f", "mc-gate-7d9f"],
  ["", hostname()],
  [undefined, hostname()],
])("the pod's name is that of the downward API, %s, else the host's", (given, expected) => {
  vi.stubEnv("MC_GATE_POD_NAME", given);
  expect(podName()).toBe(expected);
});
