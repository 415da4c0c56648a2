import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { composeGate } from "../../src/composition/compose.ts";
import type { FaultCode } from "../../src/core/index.ts";
import { RegistrySettings } from "../../src/registry/index.ts";
import { decisionLine } from "../../src/serve/logs/decision-log.ts";
import type { OciFault } from "../support/oci-faults.ts";
import { startOciRegistry } from "../support/oci-registry.ts";
import { signedWorld } from "../support/signed-world.ts";

const SECRET = "s3cr3t-p4ssw0rd";
const AUTH = Buffer.from(`robot:${SECRET}`).toString("base64");
const { policy, registry: unused } = await signedWorld({ images: "**" });

afterAll(unused.close);

/** Everything that people see of a verdict on an image whose registry is signed in to with the secret. */
async function seenBy(users: Readonly<Record<string, string>>, fault?: OciFault) {
  const registry = await startOciRegistry({ auth: { kind: "basic", users } });
  if (fault !== undefined) {
    registry.fault("/v2/", fault);
    registry.fault({ path: "/v2/", ping: true }, fault);
  }
  const folder = mkdtempSync(join(tmpdir(), "mc-h49-"));
  const dockerConfigFile = join(folder, "config.json");
  writeFileSync(dockerConfigFile, JSON.stringify({ auths: { [registry.host]: { auth: AUTH } } }));
  const hosts = { [registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } };
  const composed = composeGate({
    registries: RegistrySettings.parse({ hosts, dockerConfigFile }),
    publicGood: () => ({ text: "{}", since: new Date() }),
    now: () => new Date(),
  });
  composed.policy.offer(policy);
  composed.revocations.offer("revocations: []");
  const image = `${registry.host}/acme/app@${registry.pushImage("acme/app")}`;
  const verdict = await composed.gate.admit({
    namespace: "n",
    mode: () => "enforce",
    subjects: [{ image, place: "x" }],
    access: {},
    signal: new AbortController().signal,
  });
  const review = {
    uid: "u",
    namespace: "n",
    kind: "Pod",
    name: "p",
    user: "u",
    operation: "CREATE",
    dryRun: false,
  } as const;
  const line = decisionLine({ ...review, caller: "verified", verdict, seconds: 0.1 });
  await composed.close();
  const sent = registry.requests.map(({ headers }) => headers["authorization"] ?? "");
  await registry.close();
  return { verdict, sent, text: JSON.stringify([verdict, line]) };
}

describe("H49: secrets in what people see", () => {
  it.each<[string, OciFault | undefined, FaultCode]>([
    ["refuses them", undefined, "registry/forbidden"],
    [
      "repeats them in a refusal",
      { kind: "status", status: 403, body: `{"errors":[{"message":"${SECRET}"}]}` },
      "registry/forbidden",
    ],
    ["repeats them in an error", { kind: "status", status: 500, body: AUTH }, "registry/unavailable"],
    [
      "repeats them in a redirect",
      { kind: "redirect", to: `http://robot:${SECRET}@127.0.0.1:1/v2/` },
      "registry/invalid",
    ],
    ["repeats them in what is no JSON", { kind: "bytes", bytes: SECRET }, "registry/invalid"],
    [
      "repeats them in a link",
      { kind: "headers", headers: { link: `<http://x.test/?${SECRET}>; rel="next"` } },
      "registry/invalid",
    ],
  ])("keeps credentials out of verdict and log where the registry %s", async (_, fault, code) => {
    const users = { robot: fault === undefined ? "another" : SECRET };
    const { verdict, sent, text } = await seenBy(users, fault);
    expect(verdict.objections).toMatchObject([{ kind: "fault", code }]);
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(AUTH);
    // The registry was signed in to, so that there was something to keep; unless its first answer ended all.
    const answersAtAll = fault === undefined || fault.kind === "headers";
    expect(sent.join().includes(AUTH)).toBe(answersAtAll);
  });
});
