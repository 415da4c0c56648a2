import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";

import { type AdmissionDeps, registerAdmission, UNVERIFIED_CALLERS } from "../../src/admission/index.ts";
import type { Verdict } from "../../src/core/index.ts";
import type { GateRequest } from "../../src/gate/index.ts";
import { UNGUARDED } from "../support/admission-deps.ts";
import { startOciRegistry } from "../support/oci-registry.ts";
import type { AdmissionAnswer } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";
import { startGate } from "../support/running-gate.ts";
import { signedWorld } from "../support/signed-world.ts";

const MIB = 1024 * 1024;

/** The gate's door with a gate behind it that thinks until it is released. */
async function slowGate(limits: { readonly reviews: number; readonly bytes: number }) {
  const app = fastify();
  const release = Promise.withResolvers<void>();
  const shed: string[] = [];
  const decided: Verdict[] = [];
  let asked = 0;
  const admit = async ({ mode }: GateRequest): Promise<Verdict> => {
    asked += 1;
    await release.promise;
    return { decision: "allow", mode: mode(), objections: [], waived: [], judged: [] };
  };
  const deps: AdmissionDeps = {
    gate: { admit },
    callers: UNVERIFIED_CALLERS,
    modeOf: (namespace) => (namespace === "strict" ? "enforce" : undefined),
    workloads: [],
    guard: UNGUARDED,
    observe: ({ verdict }) => decided.push(verdict),
    inFlight: () => undefined,
    shed: (why) => shed.push(why),
  };
  registerAdmission(app, deps, limits);
  await app.ready();
  open.push(app);
  const post = async (path: string, review: unknown): Promise<AdmissionAnswer> => {
    const headers = { "content-type": "application/json" };
    const answer = await app.inject({
      method: "POST",
      url: path,
      headers,
      payload: JSON.stringify(review),
    });
    return answer.json<{ response: AdmissionAnswer }>().response;
  };
  return { app, post, release: release.resolve, shed, decided, asked: () => asked };
}

const open: { readonly close: () => unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

function pod(uid: string): unknown {
  return aReview({ uid, object: aPod("x") });
}

function large(uid: string, kib: number, more: object = {}): unknown {
  const object = { ...(aPod("x") as object), metadata: { annotations: { long: "x".repeat(kib * 1024) } } };
  return aReview({ uid, object, ...more });
}

describe("more reviews than are taken on at once", () => {
  it("are answered at once with their uid: refused in enforce, let through with a warning in advisory", async () => {
    const { post, release, shed, decided, asked } = await slowGate({ reviews: 4, bytes: MIB });
    const taken = [post("/validate/enforce", pod("u-1")), post("/validate/enforce", pod("u-2"))];
    await expect.poll(asked).toBe(2);
    expect(await post("/validate/enforce?timeout=30s", pod("u-3"))).toMatchObject({
      uid: "u-3",
      allowed: false,
      status: { code: 503, message: expect.stringContaining("[limits/overloaded]") },
    });
    expect(await post("/validate/advisory?timeout=30s", pod("u-4"))).toMatchObject({
      uid: "u-4",
      allowed: true,
      warnings: [expect.stringContaining("[limits/overloaded]")],
    });
    expect([shed, decided.length, asked()]).toEqual([["reviews", "reviews"], 2, 2]);
    taken.push(post("/validate/enforce", aReview({ uid: "u-6", namespace: "another", object: aPod("x") })));
    await expect.poll(asked).toBe(3); // nobody takes another namespace's share
    release();
    expect((await Promise.all(taken)).map(({ allowed }) => allowed)).toEqual([true, true, true]);
    expect(await post("/validate/enforce", pod("u-5"))).toMatchObject({ uid: "u-5", allowed: true });
  });

  it("do not keep a change without new images from passing", async () => {
    const { post, asked } = await slowGate({ reviews: 0, bytes: MIB });
    const unchanged = aReview({ operation: "UPDATE", object: aPod("x"), oldObject: aPod("x") });
    expect(await post("/validate/enforce", unchanged)).toMatchObject({ allowed: true });
    expect(asked()).toBe(0);
  });
});

describe("larger reviews than there is room for", () => {
  it("are answered with their uid by their first bytes, by the stricter of webhook and label", async () => {
    const { post, shed, asked } = await slowGate({ reviews: 9, bytes: 16 * 1024 });
    const overload = expect.stringContaining("[limits/overloaded]");
    expect(await post("/validate/enforce", large("u-1", 100))).toMatchObject({
      uid: "u-1",
      allowed: false,
      status: { code: 503, message: overload },
    });
    expect(await post("/validate/advisory", large("u-2", 100))).toMatchObject({
      uid: "u-2",
      allowed: true,
      warnings: [overload],
    });
    expect(await post("/validate/advisory", large("u-3", 100, { namespace: "strict" }))).toMatchObject({
      uid: "u-3",
      allowed: false,
    });
    expect(await post("/guard", large("u-4", 100))).toMatchObject({ uid: "u-4", allowed: false });
    expect([shed, asked()]).toEqual([["bytes", "bytes", "bytes"], 0]);
  });

  it("leave room for ordinary ones, and give theirs back", async () => {
    const { post, release } = await slowGate({ reviews: 9, bytes: 64 * 1024 });
    release();
    for (const uid of ["u-1", "u-2", "u-3"]) {
      expect(await post("/validate/enforce", large(uid, 120))).toMatchObject({ uid, allowed: true });
      expect((await post("/validate/enforce", large(uid, 200))).status?.message).toContain("overloaded");
      expect(await post("/validate/enforce", large(uid, 60))).toMatchObject({ uid, allowed: true });
    }
  });

  it("do not stay in memory while their images are looked at", { timeout: 60_000 }, async () => {
    const gate = await slowGate({ reviews: 1000, bytes: 64 * MIB });
    const before = await memory();
    const sockets = await Promise.all(Array.from({ length: 200 }, (_, at) => send(gate.app, `u-${at}`)));
    await expect.poll(gate.asked, { timeout: 30_000 }).toBe(200);
    expect((await memory()) - before).toBeLessThan(60 * MIB); // of 200 MiB that were sent
    gate.release();
    for (const socket of sockets) socket.destroy();
  });
});

const TAIL = Buffer.alloc(MIB, "x");

/** Sends a review of 1 MiB, of which the client keeps nothing, and does not wait for the answer. */
async function send(app: FastifyInstance, uid: string): Promise<Socket> {
  if (!app.server.listening) await listening(app);
  const [head, tail] = JSON.stringify(large(uid, 0)).split('"long":"') as [string, string];
  const length = Buffer.byteLength(head) + Buffer.byteLength(tail) + '"long":"'.length + TAIL.byteLength;
  const { port } = app.server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const type = "content-type: application/json";
  socket.write(
    `POST /validate/enforce?timeout=30s HTTP/1.1\r\nhost: x\r\n${type}\r\ncontent-length: ${length}\r\n\r\n`,
  );
  socket.write(`${head}"long":"`);
  socket.write(TAIL);
  socket.write(tail);
  return socket;
}

const starts = new WeakMap<FastifyInstance, Promise<unknown>>();
function listening(app: FastifyInstance): Promise<unknown> {
  const known = starts.get(app) ?? app.listen({ port: 0, host: "127.0.0.1" });
  starts.set(app, known);
  return known;
}

/** Bytes in use once everything that nobody holds is gone. */
async function memory(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 3; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe("a flood of images whose registry hangs", { timeout: 60_000 }, () => {
  it("is answered in time, review by review, and keeps nobody else waiting", async () => {
    const { registry, sign, policy } = await signedWorld();
    const hung = await startOciRegistry();
    const [known, fresh] = [registry.pushImage("acme/app"), registry.pushImage("acme/app")];
    await sign(known);
    await sign(fresh);
    const both = JSON.parse(policy) as { rules: { images: string[] }[] };
    both.rules[0]!.images.push(`${hung.host}/acme/*`);
    const gate = await startGate({ registries: [registry, hung], policy: JSON.stringify(both) });
    open.push({ close: gate.stop }, registry, hung);
    const ask = async (image: string, uid: string, timeout: string): Promise<AdmissionAnswer> =>
      (await gate.post(`/validate/enforce?timeout=${timeout}`, aReview({ uid, object: aPod(image) }))).body
        .response!;
    const good = (digest: string): string => `${registry.host}/acme/app@${digest}`;
    expect(await ask(good(known), "known", "10s")).toMatchObject({ allowed: true });

    hung.fault("/", { kind: "stall" });
    const images = Array.from({ length: 460 }, (_, at) => hungImage(hung.host, at));
    const flood = images.map((image, at) => ask(image, `u-${at}`, "4s"));
    await expect.poll(async () => await waiting(gate.probeUrl), { timeout: 20_000 }).toBeGreaterThan(100);
    expect(await ask(good(known), "known", "10s")).toMatchObject({ uid: "known", allowed: true });
    expect(await ask(good(fresh), "fresh", "10s")).toMatchObject({ uid: "fresh", allowed: true });

    const answers = await Promise.all(flood);
    expect(answers.map(({ uid }) => uid)).toEqual(images.map((_, at) => `u-${at}`));
    expect(answers.every(({ allowed, status }) => !allowed && status?.code === 503)).toBe(true);
    const codes = new Set(answers.map(({ status }) => /\[([\w/-]+)\]/.exec(status!.message)?.[1]));
    const told = ["deadline/exceeded", "limits/overloaded", "registry/unavailable"];
    expect([...codes].filter((code) => !told.includes(code ?? "none"))).toEqual([]);

    hung.clearFaults();
    const after = hung.pushImage("acme/app");
    const judged = async (): Promise<string | undefined> =>
      (await ask(`${hung.host}/acme/app@${after}`, "after", "10s")).status?.message;
    await expect.poll(judged, { timeout: 30_000 }).toContain("[signature/missing");
  });
});

function hungImage(host: string, at: number): string {
  return `${host}/acme/app@sha256:${at.toString(16).padStart(64, "0")}`;
}

async function waiting(probeUrl: string): Promise<number> {
  const text = await (await fetch(`${probeUrl}/metrics`)).text();
  return Number(/^mc_gate_collections_waiting (\d+)$/m.exec(text)?.[1]);
}
