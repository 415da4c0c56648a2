import type { KubeClient } from "./client/client.ts";
import { type TextHandlers, watchText, type WatchedText } from "./object-texts.ts";
import type { InformerTiming } from "./watch/informer.ts";

/** One key of a Secret: a public key that a policy names, for example. */
interface SecretKey {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** Follows the text by the Secret's name alone, so that the right to that one Secret is enough. */
export function watchSecretKey(
  client: KubeClient,
  secret: SecretKey,
  handlers: TextHandlers,
  timing: Partial<InformerTiming> = {},
): WatchedText {
  return watchText(client, { kind: "secrets", ...secret }, handlers, timing);
}
