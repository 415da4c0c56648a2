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
  plainHttp: z
    .boolean()
    .default(false)
    .describe("Speak HTTP without TLS to this host. For registries of tests and of one's own machine."),
  allowLoopback: z
    .boolean()
    .default(false)
    .describe("Let this host's name lead to 127.0.0.0/8 or ::1, which is refused otherwise."),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      "PEM file of the only authorities that may vouch for this host's certificate; read again when it changes.",
    ),
  mirrors: z
    .array(Place)
    .max(4)
    .default([])
    .describe(
      "Hosts, each with an optional path prefix, that are asked first for content by digest. Tags and lists always come from the registry itself.",
    ),
  replacedBy: Place.optional().describe(
    "Host, with an optional path prefix, that is asked in this one's place for everything, tags included: a copy for a cluster without a way out, or the name that a registry has inside the cluster. Its own settings and credentials are used.",
  ),
  tokenHosts: z
    .array(HostName)
    .max(16)
    .default([])
    .describe(
      "Hosts that may issue this registry's tokens, besides the registry itself, the domains above it and the names below it.",
    ),
});
/** See the schema of the same name. */
export type RegistryHost = z.infer<typeof RegistryHost>;

function count(least: number, most: number, usual: number, text: string): z.ZodDefault<z.ZodInt> {
  return z.int().min(least).max(most).default(usual).describe(text);
}

/** What the registry client reads at most. */
export const RegistryLimits = z.strictObject({
  manifestBytes: count(64 * KIB, 16 * MIB, 4 * MIB, "Largest manifest, index or page of a list, in bytes."),
  listBytes: count(
    MIB,
    256 * MIB,
    16 * MIB,
    "All lists of what is attached to one image and the manifests that they name, in bytes; and, apart from those, an index and everything that it leads to.",
  ),
  referrerBytes: count(
    16 * KIB,
    16 * MIB,
    MIB,
    "Largest manifest of one referrer, in bytes; those that hold evidence have a few thousand.",
  ),
  blobBytes: count(
    KIB,
    128 * MIB,
    88 * MIB,
    "Largest signature, attestation or bundle, in bytes; the default holds a scan or an SBOM of 64 MiB, which grows by a third as base64. Verifying one takes about eight times its size in memory.",
  ),
  totalBytes: count(
    MIB,
    1024 * MIB,
    256 * MIB,
    "All signatures and attestations of one image that are read, in bytes; the newest first. At most 8 MiB of them, or one that is larger, are in memory at once.",
  ),
  attachments: count(
    1,
    16_384,
    4096,
    "Signatures and attestations of one image that are read, the newest first.",
  ),
  referrers: count(1, 4096, 1024, "Referrers of one image that are read, the newest first."),
  referrerPages: count(1, 256, 64, "Pages of the list of referrers that are read."),
  layers: count(1, 4096, 1024, "Layers of one cosign tag or one referrer that are read, the last first."),
  children: count(
    1,
    1024,
    64,
    "Platform images that one index may list; twice as many entries at all its levels, attestations included.",
  ),
  redirects: count(0, 10, 3, "Redirects that one request may take."),
  retries: count(
    0,
    5,
    2,
    "Times that a read is tried again after HTTP 429, 502, 503, 504 or a lost connection.",
  ),
  retryWaitMilliseconds: count(
    0,
    30_000,
    2000,
    "Longest wait before a retry. A registry that asks for more (Retry-After) is reported at once.",
  ),
  requestMilliseconds: count(
    100,
    60_000,
    5000,
    "Time for one request from the moment that it is sent, its body included; and for connecting.",
  ),
  connectionsPerHost: count(
    1,
    64,
    32,
    "Connections to one host, which is also how many requests run there at once.",
  ),
});
/** See the schema of the same name. */
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
      "Settings of single registries by exact host, with port where one is used; `docker.io` is Docker Hub.",
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
  limits: RegistryLimits.prefault({}).describe("Most that is read from a registry."),
});
/** See the schema of the same name. */
export type RegistrySettings = z.infer<typeof RegistrySettings>;
