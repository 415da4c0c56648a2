import { describe, expect, it } from "vitest";

import type { DockerAuth } from "../../src/core/index.ts";
import type { RegistryDeps } from "../../src/registry/index.ts";
import {
  BUNDLE,
  closeAfterEach,
  EVERYTHING,
  LOCAL,
  openPair,
  openRegistry,
  REPO,
  soon,
} from "../support/oci-client.ts";

closeAfterEach();

const PING = { path: /^\/v2\/$/, ping: true } as const;
const BASIC = { "www-authenticate": 'Basic realm="x"' };

function credentials(registry: string): Promise<DockerAuth[]> {
  return Promise.resolve([
    { kind: "password", registry, username: "robot", password: "secret", isOfWorkload: true },
  ]);
}

/** A registry that shows anyone what it is asked for, and asks for credentials at `/v2/`. */
async function asking(deps: RegistryDeps = { credentials }) {
  const pair = await openPair({ deps });
  pair.registry.attachReferrer(REPO, pair.subject, { mediaType: BUNDLE, bytes: "bundle" });
  pair.registry.fault(PING, { kind: "status", status: 401, headers: BASIC });
  return pair;
}

describe("a registry that asks for credentials, and shows something to who sends none", () => {
  it("is read with those that there are from the first reading of a process on", async () => {
    const { registry, client, image, subject } = await asking();
    const { usedPullSecrets, wantedCredentials } = await client.attachments(
      image(subject),
      {},
      EVERYTHING,
      soon(),
    );
    expect([usedPullSecrets?.(), wantedCredentials?.()]).toEqual([true, true]);
    const answered = new Set(
      registry.requests.filter(({ headers }) => headers["authorization"]).map(({ path }) => path),
    );
    expect(new Set(registry.requests.map(({ path }) => path))).toEqual(answered);
  });

  it("is read without any where there are none, and is not open", async () => {
    const { client, image, subject } = await asking({});
    const { found, gaps, wantedCredentials } = await client.attachments(
      image(subject),
      {},
      EVERYTHING,
      soon(),
    );
    expect([found.length, gaps, wantedCredentials?.()]).toEqual([1, [], true]);
  });

  it("is asked once how, for all of its images", async () => {
    const { registry, client, image, subject } = await asking();
    for (let at = 0; at < 3; at += 1) await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([registry.pings.length, registry.pings[0]?.headers["authorization"]]).toEqual([1, undefined]);
  });
});

it("a registry that asks no one is open, and is asked once", async () => {
  const { registry, client, image, subject } = await openPair({ deps: { credentials } });
  for (let at = 0; at < 3; at += 1) {
    const { usedPullSecrets, wantedCredentials } = await client.attachments(
      image(subject),
      {},
      EVERYTHING,
      soon(),
    );
    expect([usedPullSecrets?.(), wantedCredentials?.()]).toEqual([false, false]);
  }
  expect(registry.pings).toHaveLength(1);
});

it.each([
  ["404", { kind: "status", status: 404 }],
  ["500", { kind: "status", status: 500 }],
  ["401 without a challenge", { kind: "status", status: 401 }],
  ["nothing at all", { kind: "hang-up" }],
] as const)("a registry that answers /v2/ by %s is read as before, and is not open", async (_, fault) => {
  const { registry, client, image, subject } = await openPair({ settings: { limits: { retries: 0 } } });
  registry.fault(PING, fault);
  const { gaps, searched, wantedCredentials } = await client.attachments(
    image(subject),
    {},
    EVERYTHING,
    soon(),
  );
  expect([gaps, searched.length, wantedCredentials?.()]).toEqual([[], 4, true]);
});

describe("a mirror", () => {
  it.each([
    [
      "that asks for credentials makes what it shows not open",
      { kind: "status", status: 401, headers: BASIC },
      true,
    ],
    ["that asks no one, of a registry that asks no one, leaves it open", undefined, false],
  ] as const)("%s", async (_, fault, expected) => {
    const mirror = await openRegistry();
    const { registry, client, image, subject } = await openPair({
      host: { mirrors: [mirror.host] },
      settings: { hosts: { [mirror.host]: LOCAL } },
    });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    mirror.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    if (fault !== undefined) mirror.fault(PING, fault);
    const { found, wantedCredentials } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([found.length, wantedCredentials?.()]).toEqual([1, expected]);
  });
});
