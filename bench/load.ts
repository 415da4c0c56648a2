import { startHelper } from "./helper-process.ts";

/** What is sent to a webhook. */
export interface LoadOrder {
  readonly url: string;
  /** Bodies of reviews, sent in turn. */
  readonly bodies: readonly string[];
  /** Connections, each with one review under way. */
  readonly concurrency: number;
  /** How long the bodies are sent again and again; each once where absent. */
  readonly seconds?: number;
}

/** How a webhook answered. Times in ms. */
export interface LoadResult {
  readonly reviews: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly longest: number;
  readonly denied: number;
  /** Answers with another status than 200, and connections that ended. */
  readonly failed: number;
  /** When the first refusal came, as Unix time in ms. */
  readonly firstDenied?: number;
  /** What the first refusal or failure said. */
  readonly complaint?: string;
}

/** The load generator: over kept TLS connections, in a process of its own. */
export interface Load {
  readonly run: (order: LoadOrder) => Promise<LoadResult>;
  readonly stop: () => void;
}

/** Starts the load generator, here or by way of a program that runs it elsewhere. */
export function startLoad(via: readonly string[] = []): Load {
  const helper = startHelper("load-process.ts", [], via);
  return { run: (order) => helper.call("run", order), stop: helper.stop };
}
