import { isExact, type Problem } from "../core/index.ts";
import { readDocument, readPlain } from "../documents/index.ts";
import { secretKeyId } from "./authorities.ts";
import type { AuthorityDocument } from "./authority-document.ts";
import { PolicyDocument } from "./document.ts";
import type { AuthorityUse } from "./gates/index.ts";
import { principalId } from "./signers.ts";

type Rules = Pick<PolicyDocument, "rules" | "authorities">;

/**
 * Lists of a policy that require more distinct signers than their authorities have: the same key under two names
 * is one signer, and so is a workflow at two refs. Nothing would ever pass. An authority by a pattern may be anyone.
 * For people who write a policy: one that is in force is not given up for it. Empty where the text is not a policy.
 */
export function shortLists(text: string): Problem[] {
  const [read, plain] = [readDocument(text, PolicyDocument), readPlain(text)];
  if (!read.ok || !plain.ok) return [];
  return listsIn(read.value).map(({ path, message }) => ({
    ...plain.value.placeOf(path),
    path: path.join("."),
    rule: "one-signer",
    message,
  }));
}

interface ShortList {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function listsIn({ rules, authorities }: Rules): ShortList[] {
  return rules.flatMap(({ require }, at) =>
    require.flatMap(({ gate, authorities: uses }) =>
      shortIn(uses, authorities).map(({ path, message }) => ({
        path: ["rules", at, "require", gate, ...path],
        message,
      })),
    ),
  );
}

function shortIn(uses: readonly AuthorityUse[], authorities: Rules["authorities"]): ShortList[] {
  const lists = Map.groupBy(uses, ({ path }) => JSON.stringify(path.slice(0, -1)));
  return [...lists.values()].flatMap((list): ShortList[] => {
    const { path, least } = list[0]!;
    const signers = new Set(list.map(({ name }) => signerOf(authorities[name]) ?? name));
    if (signers.size >= least) return [];
    const message = `${least} distinct signers are required, but these authorities are only ${signers.size}: a key under two names and a workflow at two refs are one. Nothing would ever pass.`;
    return [{ path: path.slice(0, -1), message }];
  });
}

/** Who signs as an authority, where it is known that no one else does. */
function signerOf(document: AuthorityDocument | undefined): string | undefined {
  const { keyless, key } = document ?? {};
  if (key !== undefined)
    return key.secret === undefined
      ? JSON.stringify(["key", key.pem?.fingerprint])
      : JSON.stringify(["key", secretKeyId(key.secret)]);
  if (keyless === undefined || !isExact(keyless.identity)) return undefined;
  const [issuer, identity] = [keyless.issuer.source, keyless.identity.source];
  return principalId({ kind: "keyless", issuer, identity });
}
