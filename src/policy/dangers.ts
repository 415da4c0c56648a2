import { DANGERS, type Danger, type Problem } from "../core/index.ts";
import { dangerProblems, readDocument } from "../documents/index.ts";
import { PolicyDocument } from "./document.ts";

type Settings = Pick<PolicyDocument, "trustRoots" | "authorities" | "unmatched">;

/** Every dangerous setting of a policy. */
export function dangersOf({ trustRoots, authorities, unmatched }: Settings): Danger[] {
  const roots = Object.entries(trustRoots).flatMap(([name, root]) => flagged(root, ["trustRoots", name]));
  const keys = Object.entries(authorities).flatMap(([name, { key }]) =>
    flagged(key ?? {}, ["authorities", name, "key"]),
  );
  const open: Danger[] = unmatched === "allow" ? [{ name: "unmatchedAllow", path: ["unmatched"] }] : [];
  return [...roots, ...keys, ...open];
}

/** The dangerous settings of a policy's text, for a lint that names them; empty where the text is not a policy. */
export function policyDangers(text: string): Problem[] {
  const read = readDocument(text, PolicyDocument);
  return read.ok ? dangerProblems(text, dangersOf(read.value)) : [];
}

function flagged(settings: object, path: readonly string[]): Danger[] {
  return Object.entries(settings).flatMap(([key, value]) =>
    value === true && isDanger(key) ? [{ name: key, path: [...path, key] }] : [],
  );
}

function isDanger(key: string): key is Danger["name"] {
  return Object.hasOwn(DANGERS, key);
}
