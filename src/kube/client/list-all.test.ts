import { describe, expect, it } from "vitest";

import type { KubeClient } from "./client.ts";
import { listAll } from "./list-all.ts";

/** What listing gives where the API server answers with these pages, one after another. */
async function listed(
  ...pages: unknown[]
): Promise<{ version: string; items: unknown[]; tokens: unknown[] }> {
  const items: unknown[] = [];
  const tokens: unknown[] = [];
  const client = {
    call: ({ query }: { query: Record<string, string> }) => {
      tokens.push(query["continue"]);
      return Promise.resolve(pages.shift());
    },
  } as unknown as KubeClient;
  const version = await listAll(client, { path: "/api/v1/pods" }, (item) => void items.push(item));
  return { version, items, tokens };
}

describe("a list of the API server", () => {
  it("a list of several pages: the items of all", async () => {
    const first = { metadata: { resourceVersion: "7", continue: "abc", remainingItemCount: 1 }, items: [1] };
    const last = { metadata: { resourceVersion: "7", continue: "" }, items: [2] };
    expect(await listed(first, last)).toEqual({ version: "7", items: [1, 2], tokens: [undefined, "abc"] });
  });

  it("items that are null: an empty list", async () => {
    expect((await listed({ metadata: { resourceVersion: "7" }, items: null })).items).toEqual([]);
  });

  it.each<[string, object]>([
    ["a token that is no text", { metadata: { resourceVersion: "7", continue: 5 }, items: [] }],
    ["a token that is null", { metadata: { resourceVersion: "7", continue: null }, items: [] }],
    ["more objects and no token", { metadata: { resourceVersion: "7", remainingItemCount: 3 }, items: [1] }],
    ["no version to watch from", { metadata: { resourceVersion: "" }, items: [] }],
    ["no items", { metadata: { resourceVersion: "7" } }],
    ["no metadata", { items: [] }],
    ["a Status in its place", { kind: "Status", metadata: {}, code: 200 }],
  ])("with %s is no list", async (_, page) => {
    await expect(listed(page)).rejects.toMatchObject({ name: "KubeError" });
  });
});
