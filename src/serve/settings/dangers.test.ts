import { describe, expect, it } from "vitest";

import { dangersInSettings } from "./dangers.ts";

const SETTINGS = `server: { certificate: { mode: directory, directory: /tls } }
files: { policy: /policy.yaml }
registries:
  hosts:
    plain.test: { plainHttpUnsafe: true, allowLoopbackUnsafe: false }
    local.test: { allowLoopbackUnsafe: true }
    safe.test: { mirrors: [mirror.test] }
`;

describe("the dangerous settings of a gate", () => {
  it("are named with their lines", () => {
    expect(dangersInSettings(SETTINGS).map(({ line, path, message }) => [line, path, message])).toEqual([
      [5, "registries.hosts.plain.test.plainHttpUnsafe", "Danger: a registry is read without TLS."],
      [
        6,
        "registries.hosts.local.test.allowLoopbackUnsafe",
        "Danger: a registry's name may resolve to a loopback address.",
      ],
    ]);
  });

  it("are not looked for in a text with problems", () => {
    expect(dangersInSettings(SETTINGS.replace("mirrors", "mirrrors"))).toEqual([]);
  });
});
