/**
 * The result of `work`, or a rejection with what `late` makes as soon as `signal` aborts, also where it has aborted
 * already. The work itself continues; no one reads its failure then.
 */
export async function withDeadline<T>(signal: AbortSignal, work: Promise<T>, late: () => Error): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    throw late();
  }
  const due = Promise.withResolvers<never>();
  const onAbort = (): void => due.reject(late());
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, due.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
