import { z } from "zod";

import { readJson } from "../../core/index.ts";

const MAX_IMAGES = 64;
const Image = z.string().min(1).max(800);
const Images = z
  .union([Image, z.array(Image).max(MAX_IMAGES)])
  .transform((each) => (typeof each === "string" ? each.split(",").map((part) => part.trim()) : each))
  .optional();
const MAX_SECRETS = 16;
/** The name of an object; empty where a template leaves it out. */
const Name = z.union([z.literal(""), z.string().regex(/^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/)]);
const Names = z
  .union([z.string().max(4500), z.array(z.string())])
  .transform((each) => (typeof each === "string" ? each.split(",").map((part) => part.trim()) : each))
  .pipe(z.array(Name).max(MAX_SECRETS))
  .optional();
const Workload = { serviceAccount: Name.optional(), pullSecrets: Names };
const Namespace = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);

/** A query string, or a JSON body. Flagger sends its own body, and what people wrote into it under `metadata`. */
const VerdictQuery = z.object({
  namespace: Namespace.optional(),
  image: Images,
  images: Images,
  ...Workload,
  metadata: z.object({ image: Images, images: Images, ...Workload }).optional(),
});

/** Which images, in which namespace. */
export interface VerdictQuestion {
  readonly namespace: string;
  readonly images: readonly string[];
  /** Of the workload that will run them: whose pull secrets may be used. */
  readonly serviceAccount: string;
  /** Names of the workload's own pull secrets. */
  readonly pullSecrets: readonly string[];
}

/** Reads a question; the query goes before the body. A text that says what is missing where it is none. */
export function readQuestion(query: unknown, body: Uint8Array): VerdictQuestion | string {
  const [inQuery, sent] = [VerdictQuery.safeParse(query), VerdictQuery.safeParse(bodyOf(body))];
  if (!inQuery.success || !sent.success) return wrong(inQuery.error ?? sent.error!);
  const both = [inQuery.data, sent.data];
  const namespace = both.map((each) => each.namespace).find((each) => each !== undefined);
  if (namespace === undefined) return "name the namespace";
  const named = both.map(imagesIn).find((images) => images.length > 0) ?? [];
  if (named.length === 0) return "name at least one image";
  if (named.length > MAX_IMAGES) return `name at most ${MAX_IMAGES} images`;
  const places = both.flatMap((each) => [each, each.metadata ?? {}]);
  const serviceAccount = places.map((each) => each.serviceAccount).find(Boolean) ?? "default";
  const secrets = places.map(({ pullSecrets = [] }) => pullSecrets.filter(Boolean));
  return {
    namespace,
    images: named,
    serviceAccount,
    pullSecrets: secrets.find((each) => each.length > 0) ?? [],
  };
}

function imagesIn({ image = [], images = [], metadata }: z.infer<typeof VerdictQuery>): string[] {
  const own = [...image, ...images];
  return (own.length > 0 ? own : [...(metadata?.image ?? []), ...(metadata?.images ?? [])]).filter(Boolean);
}

function bodyOf(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  return readJson(body);
}

function wrong({ issues }: z.ZodError): string {
  const path = issues[0]?.path.join(".") ?? "";
  return path === "" ? "the body is not a JSON object" : `${path} cannot be read`;
}
