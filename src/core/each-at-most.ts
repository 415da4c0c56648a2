/** Does `work` for each item in order, at most `most` of them at the same time. Rejects with the first failure. */
export async function eachAtMost<T>(
  most: number,
  items: readonly T[],
  work: (item: T, at: number) => Promise<void>,
): Promise<void> {
  const waiting = items.entries(); // shared by all who take from it
  const take = async (): Promise<void> => {
    for (const [at, item] of waiting) await work(item, at);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, take));
}
