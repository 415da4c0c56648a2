import { setTimeout as sleep } from "node:timers/promises";

import { proxyOfProcess } from "../composition/index.ts";
import { EXIT, type ExitCode, UsageError } from "../core/index.ts";
import { createFleetClient, type FleetClient } from "../fleet/index.ts";
import { forwardFetch, OutboundError } from "../outbound/index.ts";
import { say } from "./terminal.ts";

/** Waits longer than this are announced, in seconds. */
const LONG = 10;

/** Runs what reads or changes many things on GitHub, within its limits. What may succeed later exits 11. */
export async function withFleetClient(
  url: string,
  work: (client: FleetClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  const token = process.env["GITHUB_TOKEN"];
  if (token === undefined || token === "") throw new UsageError("GITHUB_TOKEN is not set");
  forwardFetch(proxyOfProcess());
  const clock = {
    now: () => Date.now(),
    sleep: async (ms: number) => {
      if (ms > LONG * 1000) say(`Waiting ${Math.ceil(ms / 1000)} s: GitHub's limits.`);
      await sleep(ms);
    },
  };
  try {
    return await work(createFleetClient({ url, token, clock }));
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    if (!error.retryable) throw new UsageError(error.message);
    say(`Cannot tell: ${error.message}; retry in a while.`);
    return EXIT.unknown;
  }
}
