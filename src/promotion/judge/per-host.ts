/** Runs work, so much of each host at the same time. */
export interface HostPool {
  /** Takes work; resolves as soon as more may be handed in, which is before the work is done. */
  readonly run: (host: string, work: () => Promise<void>) => Promise<void>;
  /** Resolves when all work is done. Rejects with the first failure. */
  readonly idle: () => Promise<void>;
}

/** Work that is waited for, of all hosts: one slow host does not hold up the others until then. */
const MAX_WAITING = 512;

/** A pool of `most` at the same time for each host. */
export function createHostPool(most: number): HostPool {
  const hosts = new Map<string, { running: number; readonly waiting: (() => Promise<void>)[] }>();
  let pending = 0;
  let failure: { readonly error: unknown } | undefined;
  const wake: (() => void)[] = [];

  async function start(host: string, work: () => Promise<void>): Promise<void> {
    const own = hosts.get(host)!;
    own.running += 1;
    try {
      if (failure === undefined) await work();
    } catch (error) {
      failure ??= { error };
    }
    own.running -= 1;
    pending -= 1;
    const next = own.waiting.shift();
    if (next !== undefined) void start(host, next);
    for (const each of wake.splice(0)) each();
  }

  async function until(isReached: () => boolean): Promise<void> {
    const isOver = (): boolean => isReached() || failure !== undefined;
    while (!isOver()) await new Promise<void>((resolve) => wake.push(resolve));
    if (failure !== undefined) throw failure.error;
  }

  return {
    async run(host, work) {
      const own = hosts.get(host) ?? { running: 0, waiting: [] };
      hosts.set(host, own);
      pending += 1;
      if (own.running < most) void start(host, work);
      else own.waiting.push(work);
      await until(() => pending < MAX_WAITING);
    },
    idle: () => until(() => pending === 0),
  };
}
