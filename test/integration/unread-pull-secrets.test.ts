import { once } from "node:events";
import { createServer, request as ask, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { type Attachments, digestOf, Fault, PREDICATE_TYPES, type PullAccess } from "../../src/core/index.ts";
import { formatStored, parseStored } from "../../src/evidence-files/schema.ts";
import { createGate, DEFAULT_LIMITS, type GateDeps } from "../../src/gate/index.ts";
import { createPullSecrets } from "../../src/kube/index.ts";
import { NO_REVOCATIONS } from "../../src/revocations/index.ts";
import { NO_WAIVERS } from "../../src/waivers/index.ts";
import { useKubeFixture } from "../support/kube-fixture.ts";
import {
  BUNDLE,
  closeAfterEach,
  EVERYTHING,
  LOCAL,
  openClient,
  openRegistry,
  soon,
} from "../support/oci-client.ts";
import { aPolicy, aSignature, aStatement, evidenceOf, hoursAgo, NOW, RELEASE } from "../support/policies.ts";
import { collectionOf, rawSecret } from "../support/pull-secret-objects.ts";

closeAfterEach();
const fixture = useKubeFixture();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const REPO = "acme/app";
const SHOP: PullAccess = { namespace: "shop", serviceAccount: "web", pullSecrets: ["own"] };
const HOLDER = `Basic ${Buffer.from("robot:secret").toString("base64")}`;

/**
 * A registry that gives a token to anyone, and shows a failed verification summary to holders of robot:secret alone;
 * `isOpen`: that asks no one for one.
 */
async function twoFaced({ isOpen = false } = {}) {
  const [forAnyone, forHolders] = [await openRegistry(), await openRegistry()];
  let host = "";
  const server = createServer((request, response) => {
    const { url = "", headers, method = "GET" } = request;
    if (url.startsWith("/token")) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ token: headers.authorization === HOLDER ? "holder" : "anyone" }));
      return;
    }
    if (headers.authorization === undefined && !isOpen) {
      response.writeHead(401, { "www-authenticate": `Bearer realm="http://${host}/token",service="t"` });
      response.end("{}");
      return;
    }
    const { url: shown } = headers.authorization === "Bearer holder" ? forHolders : forAnyone;
    ask(`${shown}${url}`, { method, headers: { accept: headers.accept ?? "*/*" } }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }).end();
  });
  server.listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const digest = forAnyone.pushImage(REPO);
  forHolders.pushImage(REPO);
  for (const each of [forAnyone, forHolders])
    each.attachReferrer(REPO, digest, { mediaType: BUNDLE, bytes: "PASSED 5" });
  forHolders.attachReferrer(REPO, digest, { mediaType: BUNDLE, bytes: "FAILED 1" });
  return { host, digest };
}

/** What a summary's text says is what was verified; each is signed. */
const verify: GateDeps["verify"] = ({ subject, found, gaps, isPartial }: Attachments, trust, at) => {
  const attestations = found.map(({ bytes, digest }) => {
    const [result, hours] = Buffer.from(bytes).toString().split(" ") as ["PASSED" | "FAILED", string];
    const summary = {
      kind: "vsa",
      verifier: "v",
      result,
      levels: ["SLSA_BUILD_LEVEL_3"],
      policies: [],
      resources: ["r"],
    } as const;
    const time = { trustedTime: hoursAgo(Number(hours)) };
    return aStatement(PREDICATE_TYPES.summaryV1, { summary, attachment: digest, statement: digest, ...time });
  });
  return Promise.resolve({
    ...evidenceOf({ gaps, attestations, signatures: found.length > 0 ? [aSignature()] : [] }),
    subject,
    trustGeneration: trust.generation,
    collectedAt: at,
    ...(isPartial && { isPartial }),
  });
};

const GATES = {
  promotable: "promotable: { anyOf: [release], verifiers: [v], resourceUris: [r] }",
  signature: "signature: { anyOf: [release] }",
};

interface WorldOptions {
  readonly gate?: keyof typeof GATES;
  readonly isOpen?: boolean;
  readonly workloadSecrets?: boolean;
  /** The gate's own secrets, in the namespace `gate`. */
  readonly own?: readonly string[];
  /** Docker configuration of the Secret `own`. */
  readonly config?: (host: string) => string;
}

function dockerConfig(host: string): string {
  return JSON.stringify({ auths: { [host]: { username: "robot", password: "secret" } } });
}

async function world(options: WorldOptions = {}) {
  const { gate = "promotable", isOpen, workloadSecrets = true, own = [], config = dockerConfig } = options;
  const { server, client, onTrouble } = fixture();
  const { host, digest } = await twoFaced(isOpen === true ? { isOpen } : {});
  const texts = { ".dockerconfigjson": config(host) };
  server.store.put(collectionOf("shop", "secrets"), rawSecret("shop", "own", texts));
  server.store.put(collectionOf("shop", "serviceaccounts"), { metadata: { namespace: "shop", name: "web" } });
  const state = { now: NOW, isDown: false };
  const now = (): Date => state.now;
  const credentials = createPullSecrets({
    client,
    workloadSecrets,
    own: { namespace: "gate", names: own },
    onTrouble,
    now,
  });
  const policy = aPolicy(`
trustRoots: { main: { source: publicGood } }
authorities:
  release: { keyless: { trustRoot: main, issuer: https://token.actions.githubusercontent.com, identity: "${RELEASE}" } }
rules: [{ name: app, images: ["${host}/**"], require: { ${GATES[gate]} } }]
`);
  const files = new Map<string, string>();
  const connect = (hosts: object = { [host]: LOCAL }) => openClient({ hosts }, { credentials, now });
  const start = () => {
    const registry = connect();
    const opened = createGate({
      registry: {
        ...registry,
        attachments: async (...asked) => {
          if (state.isDown) throw new Fault("registry/unavailable", "down");
          return await registry.attachments(...asked);
        },
      },
      verify,
      trust: () => ({ generation: "1", roots: [], keys: [] }),
      policy: () => policy,
      waivers: () => NO_WAIVERS,
      revocations: () => NO_REVOCATIONS,
      now,
      observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
      limits: DEFAULT_LIMITS,
      memory: {
        store: (key, kept, at) => void files.set(key, formatStored(key, kept, at)),
        forget: (key) => void files.delete(key),
        load: (key) => Promise.resolve(parseStored(key, files.get(key) ?? "")),
      },
    });
    const image = `${host}/${REPO}@${digest}`;
    return async (access: PullAccess = SHOP) => {
      const { decision, objections } = await opened.admit({
        namespace: access.namespace ?? "",
        mode: () => "enforce",
        access,
        signal: AbortSignal.timeout(60_000),
        subjects: [{ image, place: "c" }],
      });
      return { verdict: [decision, ...objections.map(({ code }) => code)].join(" "), objections };
    };
  };
  /** The API server's answer to reads of some objects. */
  const answers = (part: string, status: number | undefined): void => {
    server.onRequest = ({ path }) =>
      status !== undefined && path.includes(part) ? { kind: "status", status } : undefined;
  };
  return { host, digest, state, connect, start, files, answers, server };
}

describe("a registry that shows a refusal to holders of a pull secret alone", () => {
  it("a secret that is read: the image is refused", async () => {
    const { start } = await world();
    expect((await start()()).verdict).toBe("deny promotable/refused");
  });

  it.each([
    [
      "/secrets/",
      500,
      "registry/unavailable",
      /Secret shop\/own could not be read from the API server: HTTP 500/,
    ],
    ["/secrets/", 403, "registry/forbidden", /the gate may not get Secret shop\/own/],
    ["/serviceaccounts/", 500, "registry/unavailable", /service account shop\/web could not be read/],
    ["/serviceaccounts/", 403, "registry/forbidden", /may not get service account shop\/web/],
  ])("%s answered with %i: %s", async (part, status, code, message) => {
    const { start, answers } = await world();
    answers(part, status);
    const access = part === "/secrets/" ? SHOP : { namespace: "shop", serviceAccount: "web" };
    const { verdict, objections } = await start()(access);
    expect(verdict).toBe(`deny ${code}`);
    expect(objections[0]?.message).toMatch(message);
    expect(objections[0]?.message.length).toBeLessThan(600);
  });

  it("one of the gate's own that cannot be read, or does not exist: a fault", async () => {
    const { start, answers } = await world({ workloadSecrets: false, own: ["pull"] });
    expect((await start()()).verdict).toBe("deny registry/forbidden");
    answers("/secrets/", 500);
    expect((await start()()).verdict).toBe("deny registry/forbidden");
  });

  it.each([
    ["too large", () => JSON.stringify({ auths: {}, more: "x".repeat(300_000) }), "limits/exceeded"],
    ["no JSON", () => "s3cret", "registry/forbidden"],
    [
      "with more entries than are read",
      () =>
        JSON.stringify({
          auths: Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`r${at}.io`, {}])),
        }),
      "limits/exceeded",
    ],
  ])("a Docker configuration that is %s: a fault", async (_, config, code) => {
    const { start } = await world({ config });
    expect((await start()()).verdict).toBe(`deny ${code}`);
  });

  it("more than 16 pull secrets: a fault that names the limit", async () => {
    const { start } = await world();
    const pullSecrets = [...Array.from({ length: 16 }, (_, at) => `s${at}`), "own"];
    const { verdict, objections } = await start()({ ...SHOP, pullSecrets });
    expect(verdict).toBe("deny limits/exceeded");
    expect(objections[0]?.message).toContain("pull secrets of the pod past the first 16");
  });

  it("secrets that do not exist: read as the kubelet does, without", async () => {
    const { start } = await world();
    expect((await start()({ ...SHOP, pullSecrets: ["missing"] })).verdict).toBe("allow");
  });

  it("a secret that is not read because one before it was accepted: the image is refused", async () => {
    const { start, answers } = await world();
    answers("/secrets/other", 500);
    const access = { ...SHOP, pullSecrets: ["own", "other"] };
    expect((await start()(access)).verdict).toBe("deny promotable/refused");
  });

  it("secrets that are not to be read: neither asked for nor a fault", async () => {
    const { start, answers, server } = await world({ workloadSecrets: false });
    answers("/secrets/", 500);
    expect((await start()()).verdict).toBe("allow");
    expect(server.requests).toEqual([]);
  });

  it("a rule that asks only for something to be there passes by what was read", async () => {
    const { start, answers } = await world({ gate: "signature" });
    answers("/secrets/", 500);
    expect((await start()()).verdict).toBe("allow");
  });

  it.each(["v1", "none"])("the tag %s: what it leads to is not known", async (tag) => {
    const { connect, answers, host } = await world();
    answers("/secrets/", 500);
    const asking = connect().resolve({ registry: host, repository: REPO, tag }, SHOP, soon());
    await expect(asking).rejects.toMatchObject({ code: "registry/unavailable" });
  });

  it("the content of an image: known where all of it is there, and not where something is absent", async () => {
    const { connect, answers, host, digest } = await world();
    answers("/secrets/", 500);
    const client = connect();
    const image = { registry: host, repository: REPO, digest };
    expect(await client.contents(image, SHOP, soon())).toMatchObject({ absent: [] });
    const missing = { ...image, digest: digestOf(Buffer.from("missing")) };
    const asking = client.contents(missing, SHOP, soon());
    await expect(asking).rejects.toMatchObject({ code: "registry/unavailable" });
  });

  it.each([
    [500, true],
    [undefined, true],
  ])("API server %s: what is shown belongs to who asked (%s)", async (status, isTheirs) => {
    const { connect, answers, host, digest } = await world();
    answers("/secrets/", status);
    const image = { registry: host, repository: REPO, digest };
    const { usedPullSecrets } = await connect().attachments(image, SHOP, EVERYTHING, soon());
    expect(usedPullSecrets?.()).toBe(isTheirs);
  });

  it("the gate's own secret: what is shown without it belongs to everyone", async () => {
    const { connect, host, digest } = await world({ workloadSecrets: false, own: ["pull"] });
    const image = { registry: host, repository: REPO, digest };
    const { usedPullSecrets, gaps } = await connect().attachments(image, SHOP, EVERYTHING, soon());
    expect([usedPullSecrets?.(), gaps.length]).toEqual([false, 1]);
  });

  it("a mirror that asks for credentials, of a registry that does not: nothing is missed", async () => {
    const mirror = await twoFaced();
    const { connect, answers, host, digest } = await world({ isOpen: true });
    answers("/secrets/", 500);
    const client = connect({ [host]: { ...LOCAL, mirrors: [mirror.host] }, [mirror.host]: LOCAL });
    const image = { registry: host, repository: REPO, digest };
    const { gaps, wantedCredentials } = await client.attachments(image, SHOP, EVERYTHING, soon());
    expect([gaps, wantedCredentials?.()]).toEqual([[], true]);
  });

  it("once the API server answers again: refused, and nothing was kept of the time before", async () => {
    const { start, answers, state, files } = await world();
    answers("/secrets/", 500);
    const admit = start();
    expect((await admit()).verdict).toBe("deny registry/unavailable");
    expect([...files]).toEqual([]);
    answers("/secrets/", undefined);
    state.now = new Date(NOW.getTime() + 11_000);
    expect((await admit()).verdict).toBe("deny promotable/refused");
    state.now = new Date(NOW.getTime() + 23 * 3_600_000);
    state.isDown = true;
    expect((await start()()).verdict).toBe("deny registry/unavailable"); // what was kept refuses: it may be out of date
  });

  it("after a restart without the registry: what was read without a forbidden secret still admits nothing", async () => {
    const { start, answers, state } = await world();
    answers("/secrets/", 403);
    expect((await start()()).verdict).toBe("deny registry/forbidden");
    state.now = new Date(NOW.getTime() + 23 * 3_600_000);
    state.isDown = true;
    expect((await start()()).verdict).toMatch(/^deny registry\//);
  });
});

it("a registry that asks no one for credentials: no secret is read, and none is missed", async () => {
  const { start, answers, server } = await world({ isOpen: true });
  answers("/secrets/", 403);
  expect((await start()()).verdict).toBe("allow");
  expect(server.requests).toEqual([]);
});
