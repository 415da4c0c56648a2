import { z } from "zod";

/** Whether a value is an object, and not a list. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object whose keys are its writer's, such as annotations. No `z.record`, which takes seconds for as many as fit into 4 MiB. */
export const ValueMap = z.custom<Readonly<Record<string, unknown>>>(isMap, "expected an object");

/** The same, where all values are texts, such as labels. */
export const TextMap = z.custom<Readonly<Record<string, string>>>(
  (value) => isMap(value) && Object.values(value).every((each) => typeof each === "string"),
  "expected an object of texts",
);
