import type { z } from "zod";

import { KubeError } from "./kube-error.ts";

/** An answer of the API server as a schema has it. Throws KubeError where it is something else; `null` is an answer, too. */
export function readAnswer<T extends z.ZodType>(schema: T, what: string, answer: unknown): z.output<T> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new KubeError(`the API server's answer is not a ${what}`);
}
