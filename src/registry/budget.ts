/** How many bytes one collection may still read. */
export interface Budget {
  left: number;
}

/** Anything whose size is announced before it is read. */
export interface Sized {
  readonly size: number;
}

/**
 * Splits items into those that fit into what is left and those that do not, and takes the former off the budget.
 * The smallest come first, and among equals the first: so that a few large ones cannot crowd the others out, and
 * the same list always gives the same choice.
 */
export function spend<T extends Sized>(items: readonly T[], budget: Budget): { taken: T[]; left: T[] } {
  const taken = new Set<T>();
  for (const item of items.toSorted((a, b) => a.size - b.size)) {
    if (item.size > budget.left) break;
    budget.left -= item.size;
    taken.add(item);
  }
  return { taken: items.filter((item) => taken.has(item)), left: items.filter((item) => !taken.has(item)) };
}
