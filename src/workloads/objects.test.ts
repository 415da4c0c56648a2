import { describe, expect, it } from "vitest";

import { MAX_OBJECTS, objectsIn } from "./objects.ts";

const POD = { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "shop" } };
const UNTYPED = { metadata: { name: "web" }, spec: {} };

function listOf(kind: string, ...items: readonly unknown[]): object {
  return { apiVersion: "v1", kind, items };
}

function found(value: unknown): readonly string[] {
  return objectsIn(value).objects.map(({ group, kind, path }) => `${kind}.${group} ${path.join(".")}`.trim());
}

describe("the objects of a value", () => {
  it.each<[string, unknown, readonly string[]]>([
    ["an object by itself", POD, ["Pod."]],
    ["the items of a List", listOf("List", POD, POD), ["Pod. items.0", "Pod. items.1"]],
    [
      "the items of lists in lists, in order",
      listOf("List", listOf("List", POD), POD),
      ["Pod. items.0.items.0", "Pod. items.1"],
    ],
    [
      "an object whose kind is no List, and its items",
      listOf("Everything", POD),
      ["Everything.", "Pod. items.0"],
    ],
    ["items of a typed list that name no type", listOf("PodList", UNTYPED), ["Pod. items.0"]],
    [
      "items that take their type from a kind that is no List",
      listOf("Pod", UNTYPED),
      ["Pod.", "Pod. items.0"],
    ],
    [
      "items that name one half of their type",
      {
        apiVersion: "apps/v1",
        kind: "DeploymentList",
        items: [{ kind: "Deployment" }, { apiVersion: "apps/v1" }],
      },
      ["Deployment.apps items.0", "Deployment.apps items.1"],
    ],
    ["an object whose items are no list", { ...POD, items: "none" }, ["Pod."]],
    ["an empty list", listOf("PodList"), []],
  ])("are %s", (_, value, expected) => {
    expect(found(value)).toEqual(expected);
    expect(objectsIn(value).unreadable).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ["no object", "text", ""],
    ["a list of YAML", [POD], ""],
    ["no kind", { apiVersion: "v1" }, "kind"],
    ["an item that is no object", listOf("List", 1), "items.0"],
    ["an item of a List without a kind", listOf("List", UNTYPED), "items.0.kind"],
    ["a namespace that is no text", { ...POD, metadata: { namespace: 5 } }, "metadata.namespace"],
  ])("are told apart from what cannot be read: %s", (_, value, place) => {
    const { objects, unreadable } = objectsIn(value);
    expect(objects).toEqual([]);
    expect(
      unreadable.map(({ path, within }) => [...path, within].filter((part) => part !== "").join(".")),
    ).toEqual([place]);
  });

  it("carry name and namespace as written, and none where metadata says nothing", () => {
    expect(objectsIn(POD).objects[0]).toMatchObject({ name: "web", namespace: "shop", labels: {} });
    const bare = objectsIn({ ...POD, metadata: { namespace: null } }).objects[0]!;
    expect([bare.name, Object.hasOwn(bare, "namespace")]).toEqual(["", false]);
  });

  it.each<[string, object, boolean]>([
    ["an empty token", { continue: "" }, false],
    ["no metadata", {}, false],
    ["a token", { continue: "eyJ2IjoibWV0YS5rOHMuaW8vdjEi" }, true],
    ["a token that is no text", { continue: 5 }, true],
    ["a count of those that follow", { remainingItemCount: 12 }, true],
  ])("of a list with %s: whether it is read whole", (_, metadata, isPart) => {
    const { objects, unreadable } = objectsIn({ ...listOf("PodList", POD), metadata });
    expect(objects).toHaveLength(1);
    expect(unreadable.map(({ within }) => within)).toEqual(isPart ? ["metadata.continue"] : []);
  });

  it("are bounded in number, and in lists in lists", () => {
    const many = Array.from({ length: MAX_OBJECTS + 1 }, () => POD);
    expect(() => objectsIn(listOf("List", ...many))).toThrow("more than 20000 objects");
    const wide = listOf("List", ...many.slice(0, 300).map(() => listOf("List", ...many.slice(0, 100))));
    expect(() => objectsIn(wide)).toThrow("more than 20000 objects");
    const own: { items: unknown[] } = { ...listOf("List"), items: [] };
    own.items.push(own);
    expect(() => objectsIn(own)).toThrow("lists in lists, more than 16 deep");
  });
});
