import { z } from "zod";

/** Owners of owners: a Pod, its Job, its CronJob, and what a custom kind makes of these. */
const MAX_OWNERS = 8;

const Owner = z.object({
  apiVersion: z.string().catch(""),
  kind: z.string(),
  name: z.string(),
  controller: z.boolean().nullish(),
});
const Metadata = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    deletionTimestamp: z.string().nullish(),
    ownerReferences: z.array(Owner).nullish(),
  }),
});

/** An object by its kind and name. */
export interface ObjectName {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** An object, and what made it. */
export interface OwnedObject extends ObjectName {
  readonly namespace: string;
  readonly controller?: ObjectName;
  readonly isDeleted: boolean;
}

/** Whose an object is. Throws ZodError where it has no name. */
export function ownedObject(value: unknown, kind: Pick<ObjectName, "group" | "kind">): OwnedObject {
  const { name, namespace, deletionTimestamp, ownerReferences } = Metadata.parse(value).metadata;
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  return {
    group: kind.group,
    kind: kind.kind,
    namespace,
    name,
    isDeleted: (deletionTimestamp ?? "") !== "",
    ...(owner !== undefined && {
      controller: { group: groupOf(owner.apiVersion), kind: owner.kind, name: owner.name },
    }),
  };
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** What tells objects apart. */
export function keyOf(namespace: string, { group, kind, name }: ObjectName): string {
  return JSON.stringify([namespace, group, kind, name]);
}

/** What made an object at the top, as far as it was read. */
export function ownersIn(objects: Iterable<OwnedObject>): (object: OwnedObject) => ObjectName {
  const controllers = new Map<string, ObjectName>();
  for (const each of objects)
    if (each.controller !== undefined) controllers.set(keyOf(each.namespace, each), each.controller);
  return ({ namespace, group, kind, name, controller }) => {
    let top: ObjectName = { group, kind, name };
    let next = controller;
    for (let step = 0; next !== undefined && step < MAX_OWNERS; step += 1) {
      top = next;
      next = controllers.get(keyOf(namespace, next));
    }
    return { group: top.group, kind: top.kind, name: top.name };
  };
}
