import type { Logger } from "pino";

import { type Callers, UNVERIFIED_CALLERS } from "../admission/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { checkClientCertificate, type ClientAuthorities, clientAuthorities } from "../server/index.ts";
import type { ServerSettings } from "./settings/server-settings.ts";
import { withSetting } from "./settings/setting-error.ts";

/** Who is answered, and what the server must know for that. */
export interface ServedCallers {
  readonly callers: Callers;
  /** Undefined where no client is asked for a certificate. */
  readonly clientAuthorities: ClientAuthorities | undefined;
  readonly close: () => void;
}

export interface CallerOptions {
  readonly settings: Pick<ServerSettings, "callers">;
  readonly metrics: Metrics["callers"];
  readonly log: Pick<Logger, "warn" | "error">;
}

/** Says who may send reviews, and is loud where anyone may. Throws UsageError where the authorities cannot be read. */
export function serveCallers({ settings: { callers }, metrics, log }: CallerOptions): ServedCallers {
  metrics.verified(callers !== undefined);
  if (callers === undefined) {
    log.warn(
      "any client that reaches the webhook port is trusted as the API server; set server.callers if the API server can present a client certificate",
    );
    return { callers: UNVERIFIED_CALLERS, clientAuthorities: undefined, close: () => undefined };
  }
  const { caFile, allowedNames } = callers;
  const onProblem = (message: string): void =>
    log.error({ message }, "new authorities of callers refused; the old ones stay");
  const authorities = withSetting("server.callers.caFile", () =>
    clientAuthorities({ file: caFile, onProblem }),
  );
  return {
    callers: {
      proof: "verified",
      refusalOf: checkClientCertificate({ authorities, allowedNames, now: () => new Date() }),
      onRefused: metrics.refused,
    },
    clientAuthorities: authorities,
    close: authorities.close,
  };
}
