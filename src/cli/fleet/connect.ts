import { type ExitCode, UsageError } from "../../core/index.ts";
import {
  type Campaign,
  type DiscoverOptions,
  type FleetPort,
  fleetReads,
  fleetWrites,
  type OptOutList,
  readOptOutList,
} from "../../fleet/index.ts";
import { accepted } from "../problems.ts";
import { readText, say } from "../terminal.ts";
import { withFleetClient } from "../with-fleet-client.ts";

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

/** Runs what needs GitHub. What may succeed later exits 11. */
export function withFleet(
  { githubApi }: WorkflowOptions,
  work: (github: FleetPort) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withFleetClient(githubApi, (client) => work({ ...fleetReads(client), ...fleetWrites(client) }));
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
