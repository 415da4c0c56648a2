import { RetryLater } from "../../core/index.ts";
import { type SwitchCluster, SwitchRefused, WriteConflict } from "../../incident/index.ts";
import type { KubeClient, KubeError as KubeErrorClass } from "../../kube/index.ts";
import { connectGate, type GatePlace } from "../connect-gate.ts";
import type { Replica } from "../drift/ports.ts";

/** Audience of the tokens that replicas take, by default. */
const AUDIENCE = "mc-gate";

/** Which gate, and how it is asked. */
export interface SwitchGateOptions extends GatePlace {
  readonly service: string;
  /** Name of the ValidatingWebhookConfiguration. */
  readonly configuration: string;
  readonly configMap: string;
  /** Whose token replicas are shown, where no token is given. */
  readonly serviceAccount: string;
  /** A token for replicas; undefined where one has to be asked for. */
  readonly token: (() => string) | undefined;
}

/** A gate that can be switched. */
export interface SwitchGate {
  readonly cluster: SwitchCluster;
  readonly namespace: string;
  readonly close: () => Promise<void>;
}

/** Connects to the cluster of a gate. Throws UsageError where there is none, or no namespace is known. */
export function openSwitchGate(options: SwitchGateOptions): Promise<SwitchGate> {
  return connectGate(options, "--gate-namespace", async (client, namespace) => ({
    cluster: await clusterOf(client, namespace, options),
    namespace,
    close: client.close,
  }));
}

async function clusterOf(
  client: KubeClient,
  namespace: string,
  { service, configuration, configMap, serviceAccount, token }: Omit<SwitchGateOptions, keyof GatePlace>,
): Promise<SwitchCluster> {
  const kube = await import("../../kube/index.ts");
  const { gateInCluster } = await import("../drift/replicas.ts");
  const place = { namespace, name: configMap, key: "enforcement.yaml" };
  const askable = { client, namespace, service, configuration };
  const listing = gateInCluster({ ...askable, token: () => "" });
  const asked = createToken(token, () =>
    kube.requestToken(client, { namespace, serviceAccount, audience: AUDIENCE }),
  );
  const askedOf = (replica: Replica) => async () => {
    const given = await asked();
    const { documents, switches } = await gateInCluster({ ...askable, token: () => given }).state(replica);
    return { digest: documents.enforcement.digest, switches };
  };
  const permitted = translated(kube.KubeError);
  return {
    user: () => permitted(kube.readOwnUser(client)),
    document: async () =>
      (await permitted(kube.readConfigMapText(client, place))) ?? { text: undefined, version: undefined },
    write: (text, version, { isDryRun }) =>
      permitted(kube.writeConfigMapText(client, place, { text, version, isDryRun })),
    replicas: async () =>
      (await permitted(listing.replicas())).map((each) => {
        const { name, isReady, isTerminating } = each;
        return { name, isReady, isTerminating, ask: askedOf(each) };
      }),
    failOpen: () => permitted(kube.readFailOpen(client, configuration)),
    setFailOpen: (note, { isDryRun }) =>
      permitted(kube.setFailOpen(client, note, { name: configuration, isDryRun })),
    endFailOpen: ({ isDryRun }) => permitted(kube.endFailOpen(client, { name: configuration, isDryRun })),
  };
}

/** The token that is given, or one that is asked for once. */
function createToken(
  given: SwitchGateOptions["token"],
  request: () => Promise<string>,
): () => Promise<string> {
  let asked: Promise<string> | undefined;
  return async () => {
    if (given !== undefined) return given();
    asked ??= request();
    try {
      return await asked;
    } catch (error) {
      asked = undefined;
      throw error;
    }
  };
}

const REFUSALS = [400, 401, 403, 404, 422];

/** What a refusal of the API server comes to for someone who switches. */
function translated(KubeError: typeof KubeErrorClass): <T>(work: Promise<T>) => Promise<T> {
  return (work) =>
    work.catch((error: unknown) => {
      if (!(error instanceof KubeError)) throw error;
      const { message, status = 0 } = error;
      if (status === 409) throw new WriteConflict(message, { cause: error });
      if (REFUSALS.includes(status)) throw new SwitchRefused(message, { cause: error });
      throw new RetryLater(message, { cause: error });
    });
}
