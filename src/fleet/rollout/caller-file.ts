import { type Parsed } from "../../core/index.ts";
import { replaceScalars } from "../../documents/index.ts";
import type { Campaign } from "../campaign.ts";
import type { Caller } from "../discovery/callers.ts";
import type { NamedText } from "../discovery/survey.ts";

/** Where a new caller is written; the second where the first is another workflow. */
export const CALLER_FILES = [".github/workflows/mc.yml", ".github/workflows/mc-ci-security.yml"] as const;

/** What a new caller names. */
export interface NewCaller {
  readonly campaign: Campaign;
  readonly defaultBranch: string;
  readonly services: readonly string[];
}

/** The workflow of a repository that has none. Its check is called `mc / gate`, and rulesets name it so. */
export function callerText({ campaign, defaultBranch, services }: NewCaller): string {
  const branch =
    /^[\w./-]+$/.test(defaultBranch) && !/^[\d.]+$/.test(defaultBranch)
      ? defaultBranch
      : JSON.stringify(defaultBranch);
  const paths = services.map((path) => `        ${path}\n`).join("");
  return `# Written by mc fleet. A new version arrives by pull request; to stay out, see ${campaign.docs}
name: mc

on:
  pull_request:
  merge_group:
  push:
    branches: [${branch}]

permissions: {}

concurrency:
  group: mc-\${{ github.workflow }}-\${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}

jobs:
  mc:
    name: mc
    permissions:
      contents: read # the reusable workflow checks the repository out
    uses: ${campaign.reusable}@${campaign.commit} # ${campaign.version}
    with:
      profile: \${{ github.event_name == 'push' && 'prod' || 'dev' }}
${paths === "" ? "" : `      paths: |\n${paths}`}`;
}

/** A caller with another version, and every other byte as it was. The version in a comment on its line goes along. */
export function upgraded(
  { text }: NamedText,
  callers: readonly Caller[],
  campaign: Campaign,
): Parsed<string> {
  const value = `${campaign.reusable}@${campaign.commit}`;
  const edits = callers.map(({ job }) => ({ document: 0, path: ["jobs", job, "uses"], value }));
  const replaced = replaceScalars(text, edits);
  if (!replaced.ok) return replaced;
  const lines = replaced.value
    .split("\n")
    .map((line) =>
      line.includes(value) ? line.replace(/# v?\d+(?:\.\d+)*(?=\s*$)/, `# ${campaign.version}`) : line,
    );
  return { ok: true, value: lines.join("\n") };
}
