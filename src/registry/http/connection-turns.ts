import { FairQueue, waitForTurn } from "../../core/index.ts";
import { deadlineFault } from "./failures.ts";
import type { Exchange } from "./http.ts";

/**
 * Lets so many requests run at one host at once. Those that wait have their turns by share, one request each: whoever has an
 * image with a thousand attachments read keeps another's first request waiting for one of them, and not for all.
 */
export function takeTurns(exchange: Exchange, atOnce: number): Exchange {
  const hosts = new Map<string, Host>();
  return async (request) => {
    const { origin, host: name } = request.url;
    const host = hosts.get(origin) ?? new Host(atOnce);
    hosts.set(origin, host);
    try {
      await host.enter(name, request.share ?? "", request.signal);
      return await exchange(request).finally(() => host.leave());
    } finally {
      if (host.isIdle) hosts.delete(origin); // hosts are named by requests
    }
  };
}

class Host {
  readonly #waiting = new FairQueue<() => void>();
  #free: number;
  readonly #atOnce: number;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
    this.#free = atOnce;
  }

  get isIdle(): boolean {
    return this.#free === this.#atOnce && this.#waiting.length === 0;
  }

  /** Resolves when a request may run. Rejects with Fault deadline/exceeded when the signal aborts before. */
  async enter(name: string, share: string, signal: AbortSignal): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (): void => {
      if (this.#waiting.remove(share, resolve)) reject(deadlineFault(name, signal.reason));
    };
    this.#waiting.push(share, resolve);
    await waitForTurn(promise, signal, giveUp);
  }

  /** Hands the place on, or frees it. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
