import type { Logger } from "pino";

import { UsageError } from "../core/index.ts";
import type { KubeClient } from "../kube/index.ts";
import {
  authorityEndsOf,
  certificateDirectory,
  certificateHolder,
  type CertificateSource,
  endOfCertificate,
  nextCertificates,
} from "../server/index.ts";
import { withSetting } from "./settings/setting-error.ts";
import type { Settings } from "./settings/settings.ts";

export interface CertificateOptions {
  readonly settings: Settings;
  readonly client: KubeClient | undefined;
  readonly log: Logger;
}

/** The serving certificate; resolves when there is one. Throws where a folder holds none. */
export async function serveCertificate({
  settings,
  client,
  log,
}: CertificateOptions): Promise<CertificateSource> {
  const { certificate } = settings.server;
  if (certificate.mode === "directory") {
    const onProblem = (message: string): void =>
      log.error({ message }, "new certificate refused; the old one stays");
    const { directory } = certificate;
    return withSetting("server.certificate.directory", () => certificateDirectory({ directory, onProblem }));
  }
  if (client === undefined || settings.cluster === undefined)
    throw new UsageError("a self-managed certificate needs a cluster");
  const { keepWebhookCertificate } = await import("../kube/index.ts");
  const { namespace } = settings.cluster;
  const names = [
    `${certificate.service}.${namespace}.svc`,
    `${certificate.service}.${namespace}.svc.cluster.local`,
  ];
  const holder = certificateHolder();
  let authorityEnds: ReturnType<typeof authorityEndsOf> = [];
  const kept = keepWebhookCertificate({
    client,
    secret: { namespace, name: certificate.secret },
    webhookConfigurations: [certificate.webhookConfiguration],
    next: async (current, now) => {
      const next = await nextCertificates(current, { names, now });
      authorityEnds = authorityEndsOf(next.set);
      return next;
    },
    onPair: (pair) => holder.offer(pair),
    onTrouble: ({ message }) => log.warn({ message }, "keeping the certificate failed; retrying"),
  });
  await kept.ready;
  return { ...holder, close: kept.stop, authorityEnds: () => authorityEnds };
}

/** One line for each certificate that replaces another. */
export function sayNewCertificates(
  source: Pick<CertificateSource, "current" | "onChange">,
  log: Pick<Logger, "info">,
): void {
  let { cert } = source.current();
  source.onChange((pair) => {
    if (pair.cert === cert) return;
    ({ cert } = pair);
    log.info({ until: endOfCertificate(pair) }, "new certificate taken up");
  });
}
