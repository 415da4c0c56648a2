import { UsageError } from "../../core/index.ts";
import type { Rule } from "../../policy/index.ts";
import type { OpenedSigner } from "../open-signer.ts";
import type { OpenedJudge } from "./open-judge.ts";

/**
 * Throws UsageError where a rule would accept what the key signs only with an entry in a transparency log, and none is made: what
 * is written would be refused.
 */
export function refuseUnlogged(
  { policy, trust }: Pick<OpenedJudge, "policy" | "trust">,
  { key }: OpenedSigner,
  { rekorUrl }: { readonly rekorUrl?: string },
): void {
  if (key === undefined || rekorUrl !== undefined) return;
  const signer = { kind: "key", fingerprint: key.fingerprint } as const;
  const { keys } = trust();
  for (const rule of policy.rules) {
    const names = authoritiesOf(rule);
    const accepts = (logged: boolean): string[] =>
      names.filter((name) => policy.authorities.get(name)?.mismatch({ signer, logged }, keys) === undefined);
    const [needing] = accepts(true);
    if (needing === undefined || accepts(false).length > 0) continue;
    throw new UsageError(
      `rule ${rule.name} accepts this key as ${needing} only with an entry in a transparency log; give --rekor-url`,
    );
  }
}

function authoritiesOf({ require }: Rule): string[] {
  const asked = require.filter(({ gate }) => gate === "promotable");
  return asked.flatMap(({ authorities }) => authorities.map(({ name }) => name));
}
