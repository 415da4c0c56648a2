import { z } from "zod";

import { Duration } from "../../core/index.ts";
import { Name } from "./setting-types.ts";

const Port = z.int().min(0).max(65_535);

const Certificate = z.discriminatedUnion("mode", [
  z
    .strictObject({
      mode: z.literal("directory").describe("Read a certificate that is maintained elsewhere."),
      directory: z.string().min(1).describe("Folder with tls.crt and tls.key; read again when it changes."),
    })
    .describe("A certificate that is maintained elsewhere: by cert-manager, or by the operator."),
  z
    .strictObject({
      mode: z.literal("selfManaged").describe("Issue one, and renew it."),
      secret: Name.describe("Secret in the gate's namespace with authority and certificate."),
      service: Name.describe("Service whose name the certificate is for."),
      webhookConfiguration: Name.describe("ValidatingWebhookConfiguration whose caBundle is maintained."),
    })
    .describe("The gate issues its own certificate and renews it."),
]);

const Callers = z.strictObject({
  caFile: z
    .string()
    .min(1)
    .describe(
      "PEM of the authorities that issue the API server's client certificate; read again when it changes.",
    ),
  allowedNames: z
    .array(z.string().min(1).max(253))
    .min(1)
    .max(16)
    .describe(
      "Names; the certificate must have one of them as its common name, or as a DNS name among its subject alternative names.",
    ),
});

const Fallback = z.strictObject({
  port: Port.describe("A second HTTPS port with the same answers. It must differ from `port`."),
  service: Name.describe("The gate's Service."),
});

/** Where the gate listens, and whom it answers. */
export const ServerSettings = z.strictObject({
  address: z
    .string()
    .default("::")
    .describe("Address to listen on; `::` is every IPv6 and IPv4 address of the machine."),
  port: Port.default(8443).describe("HTTPS port for the API server."),
  probePort: Port.default(8080).describe("HTTP port for /livez, /readyz and /metrics."),
  fallback: Fallback.optional().describe(
    "An endpoint behind the gate's Service that is used only while none of the others is ready, as after an outage of etcd that was longer than the nodes' grace period. Requires a cluster, the right to create and patch EndpointSlices in the gate's namespace, and the environment variables MC_GATE_POD_NAME, MC_GATE_POD_UID and MC_GATE_POD_IPS. None if absent.",
  ),
  certificate: Certificate.describe("Where the serving certificate comes from."),
  callers: Callers.optional().describe(
    "How callers of /validate and /guard prove that they are the API server. If absent, any client that reaches the port is trusted.",
  ),
  drain: Duration.prefault("5s").describe(
    "How long the gate keeps answering after it was told to stop, so that endpoints can follow.",
  ),
});
export type ServerSettings = z.output<typeof ServerSettings>;
