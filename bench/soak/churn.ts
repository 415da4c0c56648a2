import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { type DocumentSizes, SMALL } from "../documents.ts";
import { type GateProcess, rotateCertificate } from "../gate-process.ts";
import type { BenchRegistry, RegistryFault } from "../registry.ts";
import type { ReviewClient } from "./client.ts";

/** The documents of a soak: every image of its traffic is signed and has provenance. */
export const SOAK_DOCUMENTS: DocumentSizes = { ...SMALL, policy: "provenance" };

/** What a soak changes while it runs. */
export interface ChurnOptions {
  readonly gate: GateProcess;
  /** The gate's. */
  readonly folder: string;
  readonly registry: BenchRegistry;
  readonly client: ReviewClient;
  /** Between two changes, ms. */
  readonly everyMs: number;
}

/** Changes that go on until they are stopped. */
export interface Churn {
  readonly trouble: () => string;
  /** Ends them; gives how many there were of each. */
  readonly stop: () => Promise<Readonly<Record<string, number>>>;
}

/** How long a registry fails, of the time between two changes. */
const SHARE = 0.3;

type Change = () => void | Promise<void>;

/** Begins to change things in turn: documents, certificate, the registry's health. */
export function startChurn(options: ChurnOptions): Churn {
  const counts: Record<string, number> = {};
  const state = { trouble: "nothing" };
  const changes = changesOf(options, state);
  const stop = new AbortController();
  const running = (async () => {
    for (let at = 0; !stop.signal.aborted; at += 1) {
      const [name, change] = changes[at % changes.length]!;
      counts[name] = (counts[name] ?? 0) + 1;
      await change();
      await pause(options.everyMs, stop.signal);
    }
  })();
  return {
    trouble: () => state.trouble,
    stop: async () => {
      stop.abort();
      await running;
      return counts;
    },
  };
}

function changesOf(options: ChurnOptions, state: { trouble: string }): readonly [string, Change][] {
  const { gate, folder, client } = options;
  const edit = (name: string, sizes: Partial<DocumentSizes>): [string, Change] => [
    name,
    () => gate.edit({ ...SOAK_DOCUMENTS, ...sizes }),
  ];
  const fault = (kind: RegistryFault): [string, Change] => [
    `registry: ${kind}`,
    () => registryFault(kind, options, state),
  ];
  const certificate = async (): Promise<void> => {
    await rotateCertificate(folder);
    client.reconnect();
  };
  return [
    edit("trust material", {}),
    fault("down"),
    edit("waivers", { waivers: 500 }),
    ["broken policy", () => writeFileSync(join(folder, "policy.yaml"), "rules: [")],
    fault("hang"),
    edit("trust material", { rules: 20 }),
    ["certificate", certificate],
    fault("lie"),
    fault("cut"),
    edit("revocations", { nonPromotable: 1000 }),
    fault("busy"),
  ];
}

async function registryFault(
  fault: RegistryFault,
  { registry, everyMs }: ChurnOptions,
  state: { trouble: string },
): Promise<void> {
  state.trouble = fault;
  await registry.set({ fault });
  await pause(everyMs * SHARE);
  await registry.set({ fault: "none" });
  state.trouble = "nothing";
}

/** Waits, or less where the signal aborts. */
function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, milliseconds);
  signal?.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
