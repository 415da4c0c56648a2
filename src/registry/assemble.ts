import type { Credential, PullAccess } from "../core/index.ts";
import type { ProxyFor } from "../outbound/index.ts";
import { type Authorizer, createAuthorizer } from "./auth/authorizer.ts";
import { createKeychain, dockerConfigFile, type Keychain } from "./auth/keychain.ts";
import { createStandingOf, type StandingOf } from "./auth/standing.ts";
import { createCloudKeys } from "./cloud/keys.ts";
import type { ReadElsewhere } from "./documents.ts";
import { takeTurns } from "./http/connection-turns.ts";
import { counted, type OnAnswer } from "./http/counted.ts";
import { createExchange, type Exchange } from "./http/http.ts";
import { followRedirects } from "./http/redirects.ts";
import { retry } from "./http/retries.ts";
import type { Lookup, Transport } from "./http/transport.ts";
import { createMirrorHealth, type MirrorHealth } from "./mirror-health.ts";
import type { RegistrySettings } from "./settings.ts";

/** What the client needs in addition to its settings; all optional. */
export interface RegistryDeps {
  /** Pull secrets that `access` may use for a registry. Only entries for exactly that registry are used. */
  readonly credentials?: (registry: string, access: PullAccess) => Promise<readonly Credential[]>;
  /** The clock of token expiry; the machine's where absent. */
  readonly now?: () => Date;
  /** Reads what is not small in another thread, as `readDocument` does; all is read in this one where absent. */
  readonly readElsewhere?: ReadElsewhere;
  /** Name resolution; the system's where absent. Every address is checked whatever it answers. */
  readonly lookup?: Lookup;
  /** The forward proxy of a URL; none where absent. */
  readonly proxyFor?: ProxyFor;
  /** Called with one clause where a CA file that has changed cannot be used; the text before stays. */
  readonly onProblem?: (message: string) => void;
  /** Called with each answer; see OnAnswer. */
  readonly onAnswer?: OnAnswer;
}

/** What every client is made of: one way out, and credentials. */
export interface RegistryContext {
  readonly settings: RegistrySettings;
  readonly exchange: Exchange;
  readonly authorizer: Authorizer;
  readonly standingOf: StandingOf;
  readonly keychain: Keychain;
  readonly healthOf: (share: string) => MirrorHealth;
}

/** The context over a transport. */
export function assemble(
  settings: RegistrySettings,
  transport: Transport,
  deps: RegistryDeps,
): RegistryContext {
  const { credentials, now = () => new Date(), onAnswer = () => undefined } = deps;
  const { dockerConfigFile: path, hosts, limits } = settings;
  const single = takeTurns(createExchange(transport, limits), limits.connectionsPerHost);
  const exchange = retry(followRedirects(counted(single, settings, onAnswer), settings), limits, now);
  const authorizer = createAuthorizer({
    tokenHosts: (registry) => hosts[registry]?.tokenHosts ?? [],
    now,
  });
  return {
    settings,
    exchange,
    authorizer,
    standingOf: createStandingOf({ authorizer, exchange, now }),
    keychain: createKeychain({
      ...(credentials !== undefined && { pullSecrets: credentials }),
      cloud: createCloudKeys(settings.cloudCredentials, now),
      ...(path !== undefined && { own: dockerConfigFile(path, now) }),
    }),
    healthOf: createMirrorHealth(now),
  };
}
