import { API_VERSION } from "../documents/index.ts";
import type { Draft, DraftRule } from "./draft.ts";
import { itemLines, type Plain, yamlLines } from "./yaml.ts";

const MAX_COMMENT = 110;

/** The drafted policy as YAML, with a comment on where each rule comes from and what it lacks. */
export function writePolicy(draft: Draft, unmatched: "deny" | "allow"): string {
  const { trustRoots, authorities, rules } = draft;
  const lines = [
    `apiVersion: ${API_VERSION}`,
    ...yamlLines({
      trustRoots: Object.fromEntries(trustRoots),
      authorities: Object.fromEntries(authorities),
    }),
    ...(rules.length === 0
      ? ["rules: []"]
      : ["rules:", ...rules.flatMap(ruleLines).map((line) => `  ${line}`)]),
    `unmatched: ${unmatched}`,
  ];
  return `${lines.join("\n")}\n`;
}

function ruleLines({ name, images, namespaces, require, comments }: DraftRule): string[] {
  return [
    ...comments.map((text) => `# ${text.slice(0, MAX_COMMENT)}`),
    ...itemLines({ name, images, namespaces, require: require as Readonly<Record<string, Plain>> }),
  ];
}
