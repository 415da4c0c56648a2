import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createForwarder } from "../../../src/cli/forward/forwarder.ts";
import { runOrThrow } from "./process.ts";
import { program, PROJECT } from "./programs.ts";

const SHIPPED = join(PROJECT, "deploy/argocd/rollouts");
/** The gate's address in the examples. */
export const GATE = "https://mc-gate.mc-gate.svc";
/** As `mc forward` has it by default. */
const FORWARDER_TIMEOUT_MS = 40_000;

/** What is asked, and who asks. */
export interface Question {
  readonly image: string;
  readonly token: string;
}

/** What a measurement of Argo Rollouts came to. */
export interface RolloutsOutcome {
  readonly phase: string;
  readonly message?: string;
  /** An analysis ends when there are more errors than this in a row, and rolls back. */
  readonly consecutiveErrorLimit: number;
}
/** What Kargo's step came to. */
export interface KargoOutcome {
  readonly status: string;
  readonly message?: string;
}

/** What Flagger's webhook came to: whether the canary goes on, and otherwise the text of its Event. */
export interface FlaggerOutcome {
  readonly goesOn: boolean;
  readonly message?: string;
}

/** The callers of progressive delivery with the examples of `deploy`, in which only the gate's address is changed. */
export interface Delivery {
  readonly rollouts: (question: Question) => Promise<RolloutsOutcome>;
  readonly kargo: (question: Question) => Promise<KargoOutcome>;
  /** Through the forwarder, which adds the token. */
  readonly flagger: (question: Question) => Promise<FlaggerOutcome>;
  readonly remove: () => Promise<void>;
}

/** The gate's address and authority, and the namespace that is asked about. */
export interface DeliveryOptions {
  readonly url: string;
  readonly authority: string;
  readonly namespace: string;
}

/** Callers, each of which is run for each question. */
export async function deliveryWith(options: DeliveryOptions): Promise<Delivery> {
  const folder = await mkdtemp(join(tmpdir(), "mc-delivery-"));
  const caFile = join(folder, "ca.crt");
  await writeFile(caFile, options.authority);
  let asked = 0;
  const asking = (): Asking => ({ ...options, caFile, file: join(folder, `${(asked += 1)}`) });
  return {
    rollouts: (question) => askByRollouts(question, asking()),
    kargo: (question) => askByKargo(question, asking()),
    flagger: (question) => askByFlagger(question, asking()),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Asking extends DeliveryOptions {
  readonly caFile: string;
  /** A path that nothing is at. */
  readonly file: string;
}

async function askByRollouts({ image, token }: Question, asking: Asking): Promise<RolloutsOutcome> {
  const { url, namespace } = asking;
  const template = shipped("analysis-web.yaml").replaceAll(GATE, url);
  const told = await answer("rollouts-measure", { template, values: { namespace, image, token } }, asking);
  return told as RolloutsOutcome;
}

/** Runs a program that reads an example and what to fill in, and prints JSON. */
async function answer(
  name: string,
  { template, values }: { readonly template: string; readonly values: object },
  { file, caFile }: Asking,
): Promise<unknown> {
  await Promise.all([writeFile(file, template), writeFile(`${file}.json`, JSON.stringify(values))]);
  const env = { SSL_CERT_FILE: caFile }; // the examples trust what their controllers trust
  return JSON.parse(await runOrThrow(program(name), [file, `${file}.json`], { env })) as unknown;
}

async function askByKargo({ image, token }: Question, asking: Asking): Promise<KargoOutcome> {
  const { url, namespace } = asking;
  const template = shipped("kargo-stage.yaml")
    .replaceAll(GATE, url)
    .replace("{ name: namespace, value: shop }", `{ name: namespace, value: ${namespace} }`);
  const [name = "", digest = ""] = image.split("@");
  const values = {
    vars: { image: name },
    secrets: { "mc-gate-verdict": { token } },
    digests: { [name]: digest },
  };
  return (await answer("kargo-step", { template, values }, asking)) as KargoOutcome;
}

async function askByFlagger({ image, token }: Question, asking: Asking): Promise<FlaggerOutcome> {
  const { url, authority, namespace, file } = asking;
  const tokenFile = `${file}.token`;
  await writeFile(tokenFile, token);
  const options = { gate: new URL(url), tokenFile, ca: authority, timeoutMs: FORWARDER_TIMEOUT_MS };
  const forwarder = createForwarder(options).listen(0, "127.0.0.1");
  await once(forwarder, "listening");
  const { port } = forwarder.address() as AddressInfo;
  const template = shipped("flagger-canary.yaml")
    .replaceAll("http://mc-gate-forwarder.shop", `http://127.0.0.1:${port}`)
    .replace("  name: web\n", `  name: web\n  namespace: ${namespace}\n`);
  try {
    return (await answer("flagger-ask", { template, values: { image } }, asking)) as FlaggerOutcome;
  } finally {
    forwarder.close();
  }
}

/** An example as it is shipped. */
export function shipped(file: string): string {
  return readFileSync(join(SHIPPED, file), "utf8");
}
