import { describe, expect, it } from "vitest";

import { watchSecretKey } from "../../src/kube/index.ts";
import { FAST_TIMING, soon, useKubeFixture } from "../support/kube-fixture.ts";
import { collectionOf, rawSecret } from "../support/pull-secret-objects.ts";

const SECRETS = collectionOf("gate", "secrets");
const KEY = { namespace: "gate", name: "keys", key: "cosign.pub" };
const fixture = useKubeFixture();

describe("a key in a Secret", () => {
  it("is followed, by the Secret's name alone", async () => {
    const { server, client, onTrouble, troubles, stopLater } = fixture();
    const texts: (string | undefined)[] = [];
    const onText = (text: string | undefined): void => void texts.push(text);
    stopLater(watchSecretKey(client, KEY, { onText, onTrouble }, FAST_TIMING));
    await soon(() => expect(texts).toEqual([undefined]));
    server.store.put(SECRETS, rawSecret("gate", "keys", { "cosign.pub": "one" }));
    await soon(() => expect(texts).toEqual([undefined, "one"]));
    server.store.remove(SECRETS, "keys");
    await soon(() => expect(texts).toEqual([undefined, "one", undefined]));
    expect(new Set(server.requests.map(({ name }) => name))).toEqual(new Set(["keys"]));
    expect(troubles).toEqual([]);
  });

  it("that is no base64 is none, and its content is not said", async () => {
    const { server, client, onTrouble, troubles, stopLater } = fixture();
    server.store.put(SECRETS, {
      metadata: { name: "keys", namespace: "gate" },
      data: { "cosign.pub": "s3cret!" },
    });
    const texts: (string | undefined)[] = [];
    stopLater(watchSecretKey(client, KEY, { onText: (text) => texts.push(text), onTrouble }, FAST_TIMING));
    await soon(() => expect(texts).toEqual([undefined]));
    expect(troubles.map(({ message }) => message)).toEqual([
      "cannot read the object gate/keys: the API server's answer is not a Secret",
    ]);
  });
});
