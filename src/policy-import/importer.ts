import type { z } from "zod";

import type { Parsed } from "../core/index.ts";
import type { ImportContext } from "./draft.ts";
import { type Foreign, readShape } from "./read-foreign.ts";

/** Carries a foreign document of one kind over; problems where it does not have the structure of its kind. */
export type Importer = (foreign: Foreign, context: Omit<ImportContext, "name">) => Parsed<undefined>;

/** An importer of documents of a shape: `carry` is given what was read, under the document's own name. */
export function importing<T extends { readonly metadata: { readonly name: string } }>(
  shape: z.ZodType<T>,
  carry: (policy: T, context: ImportContext, foreign: Foreign) => void,
): Importer {
  return (foreign, context) => {
    const read = readShape(foreign, shape);
    if (!read.ok) return read;
    carry(read.value, { ...context, name: read.value.metadata.name }, foreign);
    return { ok: true, value: undefined };
  };
}
