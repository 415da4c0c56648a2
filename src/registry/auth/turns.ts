/** Runs one task at a time, in the order of the calls; a failure is its caller's alone. */
export type InTurn = <T>(task: () => Promise<T>) => Promise<T>;

/** A queue of tasks that is empty. */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    last = result.catch(() => undefined);
    return result;
  };
}
