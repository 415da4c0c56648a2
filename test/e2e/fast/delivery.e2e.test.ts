import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type AnalysisController, startAnalysisController } from "../support/analysis-controller.ts";
import { generateKeyPair, type KeyPair, signImage } from "../support/cosign.ts";
import { type Delivery, deliveryWith } from "../support/delivery.ts";
import { type GateProcess, startGate } from "../support/gate.ts";
import { pushImage, textImage } from "../support/images.ts";
import { keyPolicy } from "../support/policies.ts";
import { eventually } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

const NAMESPACE = "delivery";
const OTHER = "delivery-other";
const DIGEST = `sha256:${"1".repeat(64)}`;
/** Nobody listens there. */
const AWAY = `127.0.0.1:1/acme/app@${DIGEST}`;
/** Argo Rollouts asks again every 10 s after an error. */
const ERRORS_IN_A_MINUTE = 6;
const MINUTE_AND_MORE_MS = 150_000;

type Case = "allowed" | "refused" | "fault" | "waiver" | "stranger" | "neighbour" | "noImage";

/** What each controller makes of each answer: a measurement and the run of Rollouts, Kargo's status, whether Flagger's canary waits. */
const TABLE: readonly {
  readonly is: Case;
  readonly title: string;
  readonly rollouts: string;
  readonly run: string;
  readonly kargo: string;
  readonly flagger: string;
}[] = [
  {
    is: "allowed",
    title: "a signed image",
    rollouts: "Successful",
    run: "Successful",
    kargo: "Succeeded",
    flagger: "goes on",
  },
  {
    is: "refused",
    title: "an unsigned image",
    rollouts: "Failed",
    run: "Failed",
    kargo: "Failed",
    flagger: "waits: refused",
  },
  {
    is: "fault",
    title: "an image in a registry that does not answer",
    rollouts: "Inconclusive",
    run: "Inconclusive",
    kargo: "Running",
    flagger: "waits: pending",
  },
  {
    is: "waiver",
    title: "an image whose waiver does not count yet",
    rollouts: "Inconclusive",
    run: "Inconclusive",
    kargo: "Running",
    flagger: "waits: pending",
  },
  {
    is: "stranger",
    title: "a token of nobody",
    rollouts: "Error",
    run: "Running",
    kargo: "Failed",
    flagger: "waits",
  },
  {
    is: "neighbour",
    title: "the token of another namespace",
    rollouts: "Error",
    run: "Running",
    kargo: "Failed",
    flagger: "waits",
  },
  {
    is: "noImage",
    title: "no image",
    rollouts: "Error",
    run: "Running",
    kargo: "Failed",
    flagger: "waits",
  },
];

function inHours(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}

async function tokenIn(namespace: string): Promise<string> {
  await cluster().kubectlOk(["create", "namespace", namespace]);
  await cluster().kubectlOk(["label", "namespace", namespace, "mc-gate.dev/mode=enforce"]);
  const create = ["-n", namespace, "create", "token", "default", "--audience", "mc-gate"];
  return eventually("a token", async () => {
    const { code, stdout } = await cluster().kubectl(create);
    return code === 0 ? stdout.trim() : undefined;
  });
}

describe("the verdict in progressive delivery", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: GateProcess;
  let delivery: Delivery;
  let analysis: AnalysisController;
  const questions = new Map<Case, { image: string; token: string }>();

  async function push(text: string): Promise<string> {
    return `${registry.host}/${(await pushImage(registry.host, "acme/app", textImage(text))).name}`;
  }

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    const [token, foreign] = await Promise.all([tokenIn(NAMESPACE), tokenIn(OTHER)]);
    const [signed, unsigned, waived] = await Promise.all(["signed", "unsigned", "waived"].map(push));
    await signImage(signed!, { kind: "key", keys }, "bundle");
    const waiver = {
      id: "W-1",
      class: "signature",
      digest: waived!.split("@")[1],
      reason: "The supplier signs from the next release on.",
      owners: ["team-web"],
      created: inHours(1),
      expires: inHours(2),
    };
    gate = await startGate({
      cluster: cluster(),
      registries: [registry.host, "127.0.0.1:1"],
      policy: keyPolicy(readFileSync(keys.publicKey, "utf8"), [`${registry.host}/**`, "127.0.0.1:1/**"]),
      waivers: JSON.stringify({ waivers: [waiver] }),
      argocd: {},
    });
    const { url, authority } = gate;
    delivery = await deliveryWith({ url, authority, namespace: NAMESPACE });
    analysis = await startAnalysisController({ cluster: cluster(), url, authority, namespace: NAMESPACE });
    questions.set("allowed", { image: signed!, token });
    questions.set("refused", { image: unsigned!, token });
    questions.set("fault", { image: AWAY, token });
    questions.set("waiver", { image: waived!, token });
    questions.set("stranger", { image: signed!, token: "nobody" });
    questions.set("neighbour", { image: signed!, token: foreign });
    questions.set("noImage", { image: "", token });
  });
  afterAll(async () => {
    await analysis?.stop();
    await delivery?.remove();
    await gate?.stop();
    await Promise.all([keys?.stop(), registry?.stop()]);
  });

  it.each(TABLE)("is $rollouts to Argo Rollouts for $title", async ({ is, rollouts }) => {
    expect((await delivery.rollouts(questions.get(is)!)).phase).toBe(rollouts);
  });

  it.each(TABLE)("ends an AnalysisRun of Argo Rollouts as $run for $title", async ({ is, run }) => {
    await analysis.start(is, questions.get(is)!);
    const { phase, errors } = await analysis.until(is, (now) => now.phase !== "Running" || now.errors > 1);
    expect([phase, errors > 1]).toEqual([run, run === "Running"]);
  });

  it.each(TABLE)("has Flagger's canary answered with $flagger for $title", async ({ is, flagger }) => {
    const { goesOn, message = "" } = await delivery.flagger(questions.get(is)!);
    expect(`${goesOn ? "goes on" : "waits"}: ${message}`).toContain(flagger);
    expect(message).toContain(is === "refused" ? "signature/missing" : "");
    expect(message === "").toBe(goesOn);
  });

  it.each(TABLE)("has Kargo's step $kargo for $title", async ({ is, kargo }) => {
    const outcome = await delivery.kargo(questions.get(is)!);
    expect(outcome.status).toBe(kargo);
    expect(outcome.message ?? "").toContain(is === "refused" ? "signature/missing" : "");
  });

  it("is waited for by all while the gate is away, and counts when it is back", async () => {
    const question = questions.get("allowed")!;
    await gate.kill();
    const measured = await delivery.rollouts(question);
    const errored = await delivery.kargo(question);
    const held = await delivery.flagger(question);
    await gate.start();
    expect([measured.phase, errored.status, held.goesOn]).toEqual(["Error", "Errored", false]);
    expect(held.message).toContain("pending: the gate could not be reached");
    expect(measured.consecutiveErrorLimit).toBeGreaterThan(ERRORS_IN_A_MINUTE);
    expect((await delivery.rollouts(question)).phase).toBe("Successful");
    expect((await delivery.kargo(question)).status).toBe("Succeeded");
    expect((await delivery.flagger(question)).goesOn).toBe(true);
  });

  it(
    "is waited for by an AnalysisRun for a minute, which then succeeds",
    { timeout: 2 * MINUTE_AND_MORE_MS },
    async () => {
      await gate.kill();
      await analysis.start("away", questions.get("allowed")!);
      const away = await analysis.until(
        "away",
        ({ errors }) => errors >= ERRORS_IN_A_MINUTE,
        MINUTE_AND_MORE_MS,
      );
      await gate.start();
      const back = await analysis.until("away", ({ phase }) => phase !== "Running");
      expect([away.phase, back.phase]).toEqual(["Running", "Successful"]);
    },
  );
});
