import { FairQueue, FairShare, waitForTurn } from "../../core/index.ts";
import { deadlineFault } from "./failures.ts";
import type { Exchange, HttpRequest } from "./http.ts";

/**
 * Lets so many requests run at one host at once. Each share has its part of them, and those that wait have their turns by
 * share, one request each: neither an image with a thousand attachments nor requests that hang keep another's first request
 * waiting. The wait is ours, and none of the registry's time; from then on it is the registry's.
 */
export function takeTurns(exchange: Exchange, atOnce: number): Exchange {
  const hosts = new Map<string, Host>();
  return async (request) => {
    const { origin } = request.url;
    const { share = "", registryWork = (work) => work() } = request;
    const host = hosts.get(origin) ?? new Host(atOnce);
    hosts.set(origin, host);
    try {
      await host.enter(share, request);
      return await registryWork(() => exchange(request)).finally(() => host.leave(share));
    } finally {
      if (host.isIdle) hosts.delete(origin); // hosts are named by requests
    }
  };
}

class Host {
  readonly #waiting = new FairQueue<() => void>();
  readonly #running: FairShare;
  readonly #atOnce: number;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
    this.#running = new FairShare(atOnce);
  }

  get isIdle(): boolean {
    return this.#running.taken === 0 && this.#waiting.length === 0;
  }

  /** Resolves when a request may run. Rejects with Fault deadline/exceeded when its signal aborts before. */
  async enter(share: string, { url: { host: name }, signal, ownWork }: HttpRequest): Promise<void> {
    if (this.#waiting.length === 0 && this.#running.take(share)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push(share, resolve);
    this.#beginNext();
    const giveUp = (): void => {
      if (this.#waiting.remove(share, resolve)) reject(deadlineFault(name, signal.reason));
    };
    const turn = (): Promise<void> => waitForTurn(promise, signal, giveUp);
    const what = `one of ${this.#atOnce} connections to ${name} (registries.limits.connectionsPerHost)`;
    await (ownWork === undefined ? turn() : ownWork(what, turn));
  }

  leave(share: string): void {
    this.#running.give(share);
    this.#beginNext();
  }

  #beginNext(): void {
    const take = (share: string): "take" | "skip" => (this.#running.take(share) ? "take" : "skip");
    for (let begin = this.#waiting.shift(take); begin !== undefined; begin = this.#waiting.shift(take))
      begin();
  }
}
