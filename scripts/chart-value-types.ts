import { z } from "zod";

export const Name = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/);
export const NameOrEmpty = z.string().regex(/^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)?$/);

/** A name that a Service may have, with room for what the chart appends; or nothing. */
export const ShortName = z.string().regex(/^(?:[a-z](?:[a-z0-9-]{0,48}[a-z0-9])?)?$/);

/** A part of a Kubernetes object, which the API server checks. */
export const Any = z.record(z.string(), z.unknown());

/** Labels and annotations. */
export const Texts = z.record(z.string(), z.string());

/** A Secret's name, as a text or as pods have it. */
export const PullSecret = z.union([
  Name,
  z.strictObject({ name: Name.describe("Name of a Secret in the release's namespace.") }),
]);
