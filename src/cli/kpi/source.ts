import { readOptOutList } from "../../fleet/index.ts";
import type { look } from "../../kpi/index.ts";
import { accepted } from "../problems.ts";
import { readText, say } from "../terminal.ts";

/** Whose figures, and from where. */
export interface SourceOptions {
  readonly org: string;
  readonly workflow: string;
  readonly optOuts?: string;
  readonly waivers: string;
  /** In ms. */
  readonly window: number;
  readonly active: number;
  readonly githubApi: string;
}

type Look = Parameters<typeof look>[0];

/** What is looked for, with progress for people. */
export function lookingFor(
  options: SourceOptions,
): Pick<Look, "owner" | "reusable" | "optOuts" | "waivers" | "activeMs" | "onRepository"> {
  let count = 0;
  const { optOuts: file } = options;
  return {
    owner: options.org,
    reusable: options.workflow,
    optOuts: file === undefined ? [] : accepted(file, readOptOutList(readText(file))),
    waivers: options.waivers,
    activeMs: options.active,
    onRepository: () => {
      count += 1;
      if (count % 100 === 0) say(`${count} repositories read`);
    },
  };
}
