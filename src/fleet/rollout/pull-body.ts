import type { Campaign } from "../campaign.ts";
import { OPT_OUT_FILE } from "../discovery/opt-out.ts";
import type { NamedText } from "../discovery/survey.ts";

const MARKER = "mc-fleet-content:";

/** The title of every pull request of a campaign. */
export function pullTitle({ version }: Campaign): string {
  return `ci: adopt the MC security workflow ${version}`;
}

/** What a pull request says: what it changes, what to expect, how to go back, how to stay out. */
export function pullBody(
  campaign: Campaign,
  files: readonly NamedText[],
  notes: readonly string[],
  hash: string,
): string {
  const [, repository] = campaign.reusable.split("/");
  const lines = [
    `This pull request has this repository run the security workflow of \`${campaign.owner}/${repository}\`.`,
    "",
    "**What changes**",
    ...files.map(({ path }) => `- \`${path}\``),
    ...notes.map((note) => `- Note: ${note}.`),
    "",
    "**What to expect**",
    "- The check `mc / gate` appears on pull requests, in the merge queue and on the default branch.",
    "- On pull requests it advises; on pushes to the default branch (profile `prod`) it blocks. `MC_ENFORCE=false` turns it into advice.",
    `- The workflow is pinned to \`${campaign.commit}\` (${campaign.version}). It takes no secrets.`,
    "",
    "**Links**",
    `- Docs: ${campaign.docs}`,
    `- Rollback: ${campaign.rollbackDocs} (revert this pull request, and the workflow is gone)`,
    "",
    `Close this pull request to decline: it stays closed. To stay out for a time, add \`${OPT_OUT_FILE}\` with \`owner\`, \`reason\` and \`until\`. A commit of yours on this branch is never overwritten.`,
    "",
    `<!-- ${MARKER}${hash} -->`,
  ];
  return `${lines.join("\n")}\n`;
}

/** The content that a pull request says it has. */
export function markedHash(body: string): string | undefined {
  return new RegExp(`<!-- ${MARKER}([0-9a-f]{64}) -->`).exec(body)?.[1];
}
