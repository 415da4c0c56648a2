import { setTimeout as sleep } from "node:timers/promises";

import { proxyOfProcess } from "../../composition/index.ts";
import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import {
  type Campaign,
  createFleetClient,
  type DiscoverOptions,
  type FleetPort,
  fleetReads,
  fleetWrites,
  type OptOutList,
  readOptOutList,
} from "../../fleet/index.ts";
import { forwardFetch, OutboundError } from "../../outbound/index.ts";
import { accepted } from "../problems.ts";
import { readText, say } from "../terminal.ts";

/** Where repositories are, and what they are looked through for. */
export interface WorkflowOptions {
  readonly org?: string;
  readonly workflow?: string;
  readonly optOuts?: string;
  readonly githubApi: string;
  readonly output: "text" | "json";
}

/** What a campaign brings. */
export interface ReleaseOptions extends WorkflowOptions {
  readonly commit?: string;
  readonly release?: string;
  readonly docs?: string;
  readonly rollbackDocs?: string;
  readonly owners?: string;
}

/** Waits longer than this are announced, in seconds. */
const LONG = 10;

/** Runs what needs GitHub. What may succeed later exits 11. */
export async function withFleet(
  { githubApi: url }: WorkflowOptions,
  work: (github: FleetPort) => Promise<ExitCode>,
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
    const client = createFleetClient({ url, token, clock });
    return await work({ ...fleetReads(client), ...fleetWrites(client) });
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    if (!error.retryable) throw new UsageError(error.message);
    say(`Cannot tell: ${error.message}; retry in a while.`);
    return EXIT.unknown;
  }
}

/** What discovery takes, with progress for people. */
export function discovering(options: WorkflowOptions, github: FleetPort): DiscoverOptions {
  let count = 0;
  return {
    github,
    owner: needed(options.org, "--org"),
    reusable: needed(options.workflow, "--workflow"),
    optOuts: optOutsIn(options.optOuts),
    now: new Date(),
    onRepository: () => {
      count += 1;
      if (count % 100 === 0) say(`${count} repositories read`);
    },
  };
}

/** The campaign that options describe. */
export function campaignOf(options: ReleaseOptions): Campaign {
  const docs = needed(options.docs, "--docs");
  return {
    owner: needed(options.org, "--org"),
    reusable: needed(options.workflow, "--workflow"),
    commit: needed(options.commit, "--commit"),
    version: needed(options.release, "--release"),
    docs,
    rollbackDocs: options.rollbackDocs ?? `${docs}#rollback`,
  };
}

function needed(value: string | undefined, flag: string): string {
  if (value === undefined) throw new UsageError(`give ${flag}`);
  return value;
}

function optOutsIn(file: string | undefined): OptOutList {
  if (file === undefined) return [];
  return accepted(file, readOptOutList(readText(file)));
}
