import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { composeGate } from "../../src/cli/compose.ts";
import { decisionLine } from "../../src/cli/serve/decision-log.ts";
import { RegistrySettings } from "../../src/registry/index.ts";
import { startOciRegistry } from "../support/oci-registry.ts";
import { signedWorld } from "../support/signed-world.ts";

const SECRET = "s3cr3t-p4ssw0rd";

describe("H49: secrets in what people see", () => {
  it("keeps credentials out of the verdict and the log, also where the registry refuses them", async () => {
    const registry = await startOciRegistry({
      auth: { kind: "basic", users: { robot: "another" } },
    });
    const { policy } = await signedWorld({ images: "**" });
    const folder = mkdtempSync(join(tmpdir(), "mc-h49-"));
    const dockerConfigFile = join(folder, "config.json");
    const auth = Buffer.from(`robot:${SECRET}`).toString("base64");
    writeFileSync(dockerConfigFile, JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const hosts = { [registry.host]: { plainHttp: true, allowLoopback: true } };
    const composed = composeGate({
      registries: RegistrySettings.parse({ hosts, dockerConfigFile }),
      publicGood: () => ({ text: "{}", since: new Date() }),
      now: () => new Date(),
    });
    composed.policy.offer(policy);
    composed.revocations.offer("revocations: []");
    const digest = registry.pushImage("acme/app");
    const image = `${registry.host}/acme/app@${digest}`;
    const { signal } = new AbortController();
    const request = {
      namespace: "n",
      mode: () => "enforce" as const,
      subjects: [{ image, place: "x" }],
      access: {},
      signal,
    } as const;
    const verdict = await composed.gate.admit(request);
    const line = decisionLine({
      uid: "u",
      namespace: "n",
      kind: "Pod",
      name: "p",
      operation: "CREATE",
      dryRun: false,
      caller: "verified",
      verdict,
      seconds: 0.1,
    });
    const seen = JSON.stringify([verdict, line]);
    expect(verdict.objections).toMatchObject([{ code: "registry/forbidden" }]);
    expect(seen).not.toContain(SECRET);
    expect(seen).not.toContain(auth);
    await composed.close();
    await registry.close();
  });
});
