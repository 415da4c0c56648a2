/** How many bytes one collection may still read. */
export interface Budget {
  left: number;
}

/** Anything whose size is announced before it is read. */
export interface Sized {
  readonly size: number;
}

/**
 * Splits items into those that fit into what is left and those that do not, and takes the former off the budget. In the
 * order of the items, which is the order in which they matter: one that does not fit is left, and a smaller one after it
 * may still be taken, but nothing takes the place of what comes before it.
 */
export function spend<T extends Sized>(items: readonly T[], budget: Budget): { taken: T[]; left: T[] } {
  const [taken, left]: [T[], T[]] = [[], []];
  for (const item of items) {
    const fits = item.size <= budget.left;
    if (fits) budget.left -= item.size;
    (fits ? taken : left).push(item);
  }
  return { taken, left };
}
