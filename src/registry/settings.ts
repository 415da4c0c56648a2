import { z } from "zod";

const KIB = 1024;
const MIB = 1024 * KIB;

const HostName = z
  .string()
  .max(255)
  .regex(
    /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::[0-9]{1,5})?$/,
    "not a host in lower case, with or without a port",
  );

const HostPattern = z
  .string()
  .max(255)
  .regex(
    /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?$/,
    "not a host in lower case, nor `*.` and a domain",
  );

const Place = z
  .string()
  .max(255)
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?(?:\/[a-z0-9][a-z0-9._/-]*)?$/,
    "not a host, with or without a port and a path prefix",
  );

/** How one registry host is reached. */
export const RegistryHost = z.strictObject({
  plainHttpUnsafe: z
    .boolean()
    .default(false)
    .describe("Use HTTP without TLS for this host. For test registries and registries on your own machine."),
  allowLoopbackUnsafe: z
    .boolean()
    .default(false)
    .describe("Allow this host's name to resolve to 127.0.0.0/8 or ::1, which is refused otherwise."),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      "PEM file with the only authorities accepted for this host's certificate; read again when it changes.",
    ),
  mirrors: z
    .array(Place)
    .max(4)
    .default([])
    .describe(
      "Hosts, each with an optional path prefix, that are tried first for content by digest. Tags and lists always come from the registry itself.",
    ),
  replacedBy: Place.optional().describe(
    "Host, with an optional path prefix, that replaces this one for everything, including tags: a copy for a cluster without internet access, or the name that a registry has inside the cluster. Its own settings and credentials are used.",
  ),
  tokenHosts: z
    .array(HostName)
    .max(16)
    .default([])
    .describe(
      "Hosts that may issue this registry's tokens, in addition to the registry itself, the domains above it and the names below it.",
    ),
});
export type RegistryHost = z.infer<typeof RegistryHost>;

function count(least: number, most: number, usual: number, text: string): z.ZodDefault<z.ZodInt> {
  return z.int().min(least).max(most).default(usual).describe(text);
}

/** What the registry client reads at most. */
export const RegistryLimits = z.strictObject({
  manifestBytes: count(
    64 * KIB,
    16 * MIB,
    4 * MIB,
    "Maximum size of a manifest, an index or a page of a list, in bytes.",
  ),
  listBytes: count(
    MIB,
    256 * MIB,
    16 * MIB,
    "Maximum total size of all attachment lists of one image and the manifests that they name, in bytes; and, separately, of an index and everything that it lists.",
  ),
  referrerBytes: count(
    16 * KIB,
    16 * MIB,
    MIB,
    "Maximum size of one referrer's manifest, in bytes; those with evidence have a few thousand.",
  ),
  blobBytes: count(
    KIB,
    128 * MIB,
    88 * MIB,
    "Maximum size of a signature, attestation or bundle, in bytes; the default fits a scan or an SBOM of 64 MiB, which grows by a third as base64. Verifying one takes about eight times its size in memory.",
  ),
  totalBytes: count(
    MIB,
    1024 * MIB,
    256 * MIB,
    "Maximum total size of signatures and attestations that are read for one image, in bytes; the newest first. At most 8 MiB of them, or one that is larger, are in memory at once.",
  ),
  attachments: count(
    1,
    16_384,
    4096,
    "Maximum number of signatures and attestations that are read for one image, the newest first.",
  ),
  referrers: count(
    1,
    4096,
    1024,
    "Maximum number of referrers that are read for one image, the newest first.",
  ),
  referrerPages: count(1, 256, 64, "Maximum number of pages of a referrer list that are read."),
  layers: count(
    1,
    4096,
    1024,
    "Maximum number of layers that are read of one cosign tag or one referrer, the last first.",
  ),
  children: count(
    1,
    1024,
    64,
    "Platform images that one index may list; twice as many entries in all its levels, including attestations.",
  ),
  redirects: count(0, 10, 3, "Redirects that one request may take."),
  retries: count(0, 5, 2, "How often a read is retried after HTTP 429, 502, 503, 504 or a lost connection."),
  retryWaitMilliseconds: count(
    0,
    30_000,
    2000,
    "Maximum wait before a retry. A registry that asks for a longer one (Retry-After) is reported at once.",
  ),
  requestMilliseconds: count(
    100,
    60_000,
    5000,
    "Timeout of one request from the moment it is sent, including its body; and of connecting.",
  ),
  connectionsPerHost: count(
    1,
    64,
    32,
    "Connections to one host, which is also the number of concurrent requests.",
  ),
});
export type RegistryLimits = z.infer<typeof RegistryLimits>;

/** Cloud registries whose own credentials the gate can fetch. */
const CLOUD_KINDS = ["ecr", "acr", "gar"] as const;
/** One of CLOUD_KINDS. */
export type CloudKind = (typeof CLOUD_KINDS)[number];

/** How registries are reached, and how much is read from them. Strict: an unknown key is an error. */
export const RegistrySettings = z.strictObject({
  hosts: z
    .record(HostName, RegistryHost)
    .default({})
    .describe(
      "Settings of individual registries by exact host, with the port if there is one; `docker.io` is Docker Hub.",
    ),
  allowedHosts: z
    .array(HostPattern)
    .min(1)
    .max(256)
    .optional()
    .describe(
      "The only hosts that images may name, and that registries may redirect to: exact hosts, or `*.` and a domain. Without it any host that is not link-local, metadata or loopback.",
    ),
  dockerConfigFile: z
    .string()
    .min(1)
    .optional()
    .describe("The gate's own credentials: a docker config.json. Read again at most every 30 seconds."),
  cloudCredentials: z
    .array(z.enum(CLOUD_KINDS))
    .default([])
    .describe(
      "Clouds whose workload identity gives credentials for that cloud's own registry hosts: Amazon ECR, Azure ACR, Google Artifact Registry.",
    ),
  limits: RegistryLimits.prefault({}).describe("Limits on what is read from a registry."),
});
export type RegistrySettings = z.infer<typeof RegistrySettings>;
