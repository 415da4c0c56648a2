import type { DockerAuth } from "../../core/index.ts";
import type { Exchange } from "../http/http.ts";

/** A credential from a cloud, and the instant, in milliseconds, from which it is fetched again. */
export interface CloudCredential {
  readonly auth: DockerAuth;
  readonly until: number;
}

/** What a provider is asked with. */
interface CloudWish {
  readonly registry: string;
  readonly exchange: Exchange;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** One cloud's registries. */
export interface CloudProvider {
  /** For messages: `Amazon ECR`. */
  readonly name: string;
  /** Matches that cloud's own registry hosts and nothing else, since they are sent its credentials. */
  readonly hosts: RegExp;
  /** Loads the cloud's package at the first call. Rejects as that package does. */
  readonly fetch: (wish: CloudWish) => Promise<CloudCredential>;
}
