import { isDeepStrictEqual } from "node:util";

import type { Application, OperationState } from "../application.ts";
import { essential, wantedTarget } from "../target/wanted-target.ts";
import { mergedByGo } from "./merged-by-go.ts";
import { isOver, isUnderWay, TERMINATING } from "./pending-syncs.ts";

type Operation = OperationState["operation"];
type SyncResult = OperationState["syncResult"];

/**
 * Whether what Argo CD's controller writes of an operation's state is its own word: that it takes the operation up, what its
 * revisions have come to, that it tries again. It also applies Applications out of repositories, with whatever state these
 * bring along, as the same user. It ends an operation by taking it away, so that a state that is over, or terminated no
 * more, with the operation still there is none of its own.
 */
export function isControllersWord(
  application: Application,
  old: Pick<Application, "status"> | undefined,
): boolean {
  const { operation } = application;
  const [state, last] = [stateOf(application), stateOf(old)];
  if (!operation || !state || isOver(state) || last?.phase === TERMINATING) return false;
  if (goesOn(state, last)) return true;
  return isTakenUp(state.operation, [operation, leftBy(last, operation)]) && isResultOf(state, application);
}

/** A result was judged with its own operation: what a dry run, or one of other resources, applies of it says nothing here. */
function goesOn(state: OperationState, last: OperationState | undefined): boolean {
  if (last === undefined || !isUnderWay(last)) return false;
  const isSameResult = isSame(madeOf(state.syncResult), madeOf(last.syncResult));
  return isSameResult && isTakenUp(state.operation, [last.operation]);
}

function leftBy(last: OperationState | undefined, operation: Operation): Operation {
  return last && isUnderWay(last) ? last.operation : (mergedByGo(last?.operation, operation) as Operation);
}

function stateOf(application: Pick<Application, "status"> | undefined): OperationState | undefined {
  return application?.status?.operationState ?? undefined;
}

/** With `refresh`, a retry drops the revisions. */
function isTakenUp(operation: Operation, from: readonly Operation[]): boolean {
  return from.some((each) => {
    const refreshed = { ...each.sync, revision: undefined, revisions: undefined };
    const is = (sync: unknown): boolean => isSame([operation.sync, operation.retry], [sync, each.retry]);
    return is(each.sync) || (each.retry?.refresh === true && is(refreshed));
  });
}

/** Whether a result is what its operation asks for: a branch may have come to any commit, a commit to none but itself. */
function isResultOf({ operation: { sync }, syncResult }: OperationState, application: Application): boolean {
  if (!syncResult) return true;
  try {
    const target = wantedTarget(application, { ...sync });
    const found = wantedTarget(application, { ...sync, ...madeOf(syncResult) });
    if (target.kind === "inline" || found.kind === "inline") return true;
    const mayMove = new Set(target.moving.map(({ at }) => at));
    return target.revisions.every((revision, at) => mayMove.has(at) || found.revisions[at] === revision);
  } catch {
    return false;
  }
}

/** What of a result says what is applied. */
function madeOf(result: SyncResult): Omit<NonNullable<SyncResult>, "resources"> | undefined {
  if (!result) return undefined;
  const { source, sources, revision, revisions } = result;
  return { source, sources, revision, revisions };
}

function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(essential(one), essential(other));
}
