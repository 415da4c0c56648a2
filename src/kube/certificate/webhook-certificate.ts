import type { KubeClient } from "../client/client.ts";
import { KubeError } from "../client/kube-error.ts";
import { readObject } from "../client/read-object.ts";
import { resourcePath } from "../client/resource-path.ts";
import { reporter } from "../reporter.ts";
import { type InformerTiming, startInformer } from "../watch/informer.ts";
import { CONFIGURATIONS, putCaBundle } from "./ca-bundle.ts";
import { certificateData, type CertificateSet, readCertificates } from "./certificate-secret.ts";
import { createDebouncer, type Debouncer } from "./debouncer.ts";

const SECOND_MS = 1000;
const HOUR_MS = 60 * 60_000;
const GATHERING_MS = 500;
const MAX_ATTEMPTS = 5;
const MERGE = "application/merge-patch+json";

/** What the rules for certificates say should be there now. */
interface NextCertificates {
  readonly set: CertificateSet;
  /** PEM of every authority whose certificates are in use: the one in force and the one before it. */
  readonly caBundle: string;
  /** Whether `set` differs from what was given, and is to be stored. */
  readonly changed: boolean;
}

/** What to keep, and whom to tell. */
export interface WebhookCertificateOptions {
  readonly client: KubeClient;
  readonly secret: { readonly namespace: string; readonly name: string };
  /** ValidatingWebhookConfigurations, in all of whose webhooks the authority is put. */
  readonly webhookConfigurations: readonly string[];
  /** The rules for issue and renewal; may be slow. */
  readonly next: (
    current: CertificateSet | undefined,
    now: Date,
  ) => NextCertificates | Promise<NextCertificates>;
  /** The pair to serve with: at the first round, then when it has changed. A rejection is reported, and it is offered again. */
  readonly onPair: (pair: CertificateSet["leaf"]) => void | Promise<void>;
  readonly onTrouble: (error: KubeError) => void;
  readonly now?: () => Date;
  readonly everyMs?: number;
  readonly timing?: Partial<InformerTiming>;
}

/** The upkeep of a certificate, until it is stopped. */
export interface WebhookCertificate {
  /** Ends when a pair has been handed on for the first time; never rejects, since the upkeep keeps trying. */
  readonly ready: Promise<void>;
  readonly stop: () => void;
}

/**
 * Keeps a serving certificate for the webhook in a Secret, and its authority in the webhook configurations. Every
 * replica does the same at the start, hourly, and whenever the Secret or a configuration changes; whose write comes
 * second reads again what the first has written. The order is: Secret, then authorities (old and new), then the pair;
 * so the API server trusts a certificate before any replica shows it.
 */
export function keepWebhookCertificate(options: WebhookCertificateOptions): WebhookCertificate {
  const stopped = new AbortController();
  const first = Promise.withResolvers<void>();
  const debouncer = createDebouncer(GATHERING_MS, stopped.signal);
  const report = reporter("keeping the webhook's certificate", options.onTrouble);
  const followers = sourcesOf(options).map(({ path, name }) =>
    startInformer({
      client: options.client,
      source: { path, fieldSelector: `metadata.name=${name}` },
      read: () => true,
      onChange: debouncer.ring,
      onTrouble: report,
      ...(options.timing !== undefined && { timing: options.timing }),
    }),
  );
  void keep({ ...options, first: first.resolve, debouncer, report, signal: stopped.signal });
  return {
    ready: first.promise,
    stop() {
      stopped.abort();
      for (const follower of followers) follower.stop();
    },
  };
}

function sourcesOf({
  secret,
  webhookConfigurations,
}: WebhookCertificateOptions): { path: string; name: string }[] {
  const { namespace, name } = secret;
  const configurations = resourcePath(CONFIGURATIONS);
  return [
    { path: resourcePath({ resource: "secrets", namespace }), name },
    ...webhookConfigurations.map((each) => ({ path: configurations, name: each })),
  ];
}

interface Keeping extends WebhookCertificateOptions {
  readonly first: () => void;
  readonly debouncer: Debouncer;
  readonly report: (error: unknown) => void;
  readonly signal: AbortSignal;
}

async function keep(keeping: Keeping): Promise<void> {
  const { debouncer, report, signal, everyMs = HOUR_MS } = keeping;
  const served: Served = { cert: undefined };
  let failures = 0;
  while (!signal.aborted) {
    try {
      const isTrusted = await serveLatest(keeping, served);
      failures = isTrusted ? 0 : failures + 1;
    } catch (error) {
      failures += 1;
      report(error);
    }
    const pauseMs = failures === 0 ? everyMs : SECOND_MS * 2 ** Math.min(failures - 1, 6);
    await debouncer.wait(Math.min(pauseMs, everyMs));
  }
}

interface Served {
  cert: string | undefined;
}

/** Whether the API server trusts what is now in force. */
async function serveLatest(keeping: Keeping, served: Served): Promise<boolean> {
  const { set, isTrusted } = await round(keeping);
  const isNews = set.leaf.cert !== served.cert;
  // A pair that the API server does not know yet is worse than the old one, and better than none.
  const isDue = isNews && (isTrusted || served.cert === undefined);
  if (isDue && !keeping.signal.aborted) {
    await keeping.onPair(set.leaf);
    served.cert = set.leaf.cert;
    keeping.first();
  }
  return isTrusted;
}

/** Brings Secret and configurations to what they should be; gives the certificates in force. */
async function round(keeping: Keeping): Promise<{ set: CertificateSet; isTrusted: boolean }> {
  const { client, webhookConfigurations, report } = keeping;
  const { set, caBundle } = await stored(keeping);
  let isTrusted = true;
  for (const name of webhookConfigurations) {
    try {
      await putCaBundle(client, name, caBundle);
    } catch (error) {
      report(error);
      // A configuration that is gone needs no trust, and keeps the certificate from no other.
      if (!(error instanceof KubeError && error.status === 404)) isTrusted = false;
    }
  }
  return { set, isTrusted };
}

/** The certificates that should be in force, once they are in the Secret. Anyone who writes second reads again. */
async function stored(keeping: Keeping): Promise<NextCertificates> {
  const { client, secret, next, now = () => new Date() } = keeping;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const current = readCertificates(await readObject(client, { resource: "secrets", ...secret }));
    const wanted = await next(current?.set, now());
    if (!wanted.changed || (await store(keeping, wanted.set, current?.version))) return wanted;
  }
  throw new KubeError(`the secret ${secret.name} was changed by others at each of ${MAX_ATTEMPTS} attempts`);
}

/** Whether the Secret could be written: false where another was faster. Its labels and its other keys stay. */
async function store({ client, secret }: Keeping, set: CertificateSet, version?: string): Promise<boolean> {
  const { namespace, name } = secret;
  const data = certificateData(set);
  const metadata = { name, ...(version !== undefined && { resourceVersion: version }) };
  const call =
    version === undefined
      ? ({ method: "POST", path: resourcePath({ resource: "secrets", namespace }) } as const)
      : ({
          method: "PATCH",
          path: resourcePath({ resource: "secrets", namespace, name }),
          contentType: MERGE,
        } as const);
  try {
    await client.call({
      ...call,
      body: { apiVersion: "v1", kind: "Secret", metadata, data: withoutNull(data, version) },
    });
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 409) return false;
    throw error;
  }
}

function withoutNull(
  data: Record<string, string | null>,
  version: string | undefined,
): Record<string, string | null> {
  return version === undefined
    ? Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null))
    : data;
}
