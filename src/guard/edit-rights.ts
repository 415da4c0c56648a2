import type { AdmissionRequest } from "../admission/index.ts";
import { asFault } from "../core/index.ts";

/** A right of the group mc-gate.dev, which only says who may do something; there are no such objects. */
export interface EditRight {
  readonly verb: "weaken" | "lower";
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Who sends a request. Source: k8s.io/api/authentication/v1, UserInfo. */
export type Requester = AdmissionRequest["userInfo"];

/** Whether the cluster's authorizer grants a right. Rejects where it cannot be asked. */
export type Authorize = (who: Requester, right: EditRight) => Promise<boolean>;

/** Why a requester is not given a right: they lack it, or no one could be asked. */
export interface MissingRight {
  readonly reason: "right-missing" | "right-unknown";
  /** For the requester: which right it takes. */
  readonly sentence: string;
}

/** What keeps the requester from the right; nothing where they hold it. What cannot be asked is not granted. */
export async function missingRight(
  { userInfo }: Pick<AdmissionRequest, "userInfo">,
  right: EditRight,
  may: Authorize,
): Promise<MissingRight | undefined> {
  const { username } = userInfo;
  const what = `${right.verb} ${right.resource}.mc-gate.dev "${right.name}"`;
  try {
    if (await may(userInfo, right)) return undefined;
    const sentence = `It requires the right to ${what}, which ${username} does not have.`;
    return { reason: "right-missing", sentence };
  } catch (error) {
    const sentence = `Whether ${username} may ${what} could not be determined: ${asFault(error).message}.`;
    return { reason: "right-unknown", sentence };
  }
}
