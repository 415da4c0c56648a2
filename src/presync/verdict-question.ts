import { z } from "zod";

import { readJson } from "../core/index.ts";

const MOST_IMAGES = 64;
const Image = z.string().min(1).max(800);
const Images = z
  .union([Image, z.array(Image).max(MOST_IMAGES)])
  .transform((each) => (typeof each === "string" ? each.split(",").map((part) => part.trim()) : each))
  .optional();
const Namespace = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);

/** A query string, or a JSON body. Flagger sends its own body, and what people wrote into it under `metadata`. */
const Question = z.object({
  namespace: Namespace.optional(),
  image: Images,
  images: Images,
  metadata: z.object({ image: Images, images: Images }).optional().catch(undefined),
});

/** Which images, in which namespace. */
export interface VerdictQuestion {
  readonly namespace: string;
  readonly images: readonly string[];
}

/** Reads a question; the query goes before the body. A text that says what is missing where it is none. */
export function readQuestion(query: unknown, body: Uint8Array): VerdictQuestion | string {
  const [asked, sent] = [Question.safeParse(query), Question.safeParse(bodyOf(body))];
  if (!asked.success || !sent.success) return wrong(asked.error ?? sent.error!);
  const both = [asked.data, sent.data];
  const namespace = both.map((each) => each.namespace).find((each) => each !== undefined);
  if (namespace === undefined) return "name the namespace";
  const named = both.map(imagesIn).find((images) => images.length > 0) ?? [];
  if (named.length === 0) return "name at least one image";
  return named.length > MOST_IMAGES ? `name at most ${MOST_IMAGES} images` : { namespace, images: named };
}

function imagesIn({ image = [], images = [], metadata }: z.infer<typeof Question>): string[] {
  const own = [...image, ...images];
  return (own.length > 0 ? own : [...(metadata?.image ?? []), ...(metadata?.images ?? [])]).filter(Boolean);
}

function bodyOf(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  return readJson(body);
}

function wrong({ issues }: z.ZodError): string {
  const path = issues[0]?.path.join(".") ?? "";
  return path === "" ? "the body is no JSON object" : `${path} cannot be read`;
}
