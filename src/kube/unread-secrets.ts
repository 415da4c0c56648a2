import { type Advice, MAX_PULL_SECRETS, type UnreadCredentials } from "../core/index.ts";
import { KubeError } from "./client/kube-error.ts";

/** A Secret or a service account that pull secrets come from. */
export interface Place {
  readonly resource: "secrets" | "serviceaccounts";
  readonly namespace: string;
  readonly name: string;
  /** Whether the gate's settings name it, and no workload. */
  readonly isOwn?: true;
}

/** There is no such object, or it holds no Docker configuration. */
export class NoCredentials extends KubeError {}

/** A Secret that was read, and whose Docker configuration was not. */
export class UnreadableSecret extends KubeError {
  readonly code: UnreadCredentials["code"];
  /** What is wrong with the Secret: what follows its name in a sentence. */
  readonly clause: string;

  constructor(code: UnreadCredentials["code"], clause: string) {
    super(`the Secret ${clause}`);
    this.code = code;
    this.clause = clause;
  }
}

/** A place for people. */
export function describePlace({ resource, namespace, name }: Place): string {
  return `${resource === "secrets" ? "Secret" : "service account"} ${namespace}/${name}`;
}

/**
 * What is unread where reading a place failed. Nothing where a workload's holds no credentials: the kubelet pulls
 * without them, too. One of the gate's own was to hold some.
 */
export function unreadAt(place: Place, error: unknown): readonly UnreadCredentials[] {
  if (error instanceof NoCredentials && place.isOwn !== true) return [];
  const isOfWorkload = place.isOwn === true ? {} : { isOfWorkload: true as const };
  return [{ kind: "unread", ...causeOf(place, error), ...isOfWorkload }];
}

const RIGHT: Advice = {
  fix: "Give the gate's service account the right to get the Secret or service account that the message names, or set `pullSecrets.workloads` to false.",
  brief: "Let the gate read that Secret.",
};
const SECRET: Advice = {
  fix: "Correct the Secret that the message names, or remove its name; other credentials of the registry do not replace it.",
  brief: "Correct the pull secret.",
};
const API_SERVER: Advice = {
  fix: "Retry in a moment; if it persists, check the API server: the registry itself answers.",
  brief: "Retry in a moment.",
};

function causeOf(place: Place, error: unknown): Pick<UnreadCredentials, "code" | "message" | "advice"> {
  const what = describePlace(place);
  if (error instanceof NoCredentials) {
    const message = `${what}, which the gate's settings name, holds no Docker configuration (create it, or remove its name)`;
    return { code: "registry/forbidden", message, advice: SECRET };
  }
  if (error instanceof UnreadableSecret)
    return { code: error.code, message: `${what} ${error.clause}`, advice: SECRET };
  const status = error instanceof KubeError ? error.status : undefined;
  if (status === 403)
    return { code: "registry/forbidden", message: `the gate may not get ${what}`, advice: RIGHT };
  const answer = status === undefined ? "no usable answer" : `HTTP ${status}`;
  return {
    advice: API_SERVER,
    code: "registry/unavailable",
    message: `${what} could not be read from the API server: ${answer}`,
  };
}

/** The first 16 of the names of Secrets, and after them that there are more. */
export function firstNames(names: readonly string[], whose: string): readonly (string | UnreadCredentials)[] {
  if (names.length <= MAX_PULL_SECRETS) return names;
  const message = `pull secrets of ${whose} past the first ${MAX_PULL_SECRETS} are not read (name fewer)`;
  const surplus = { kind: "unread", code: "limits/exceeded", message, isOfWorkload: true } as const;
  return [...names.slice(0, MAX_PULL_SECRETS), surplus];
}
