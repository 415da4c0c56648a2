import { resolve } from "node:path";

import { z } from "zod";

/**
 * A folder that the gate writes to. Those of the kernel are refused: making a folder there does not come back (Node.js 24,
 * mkdir with `recursive`).
 */
export const WritableFolder = z
  .string()
  .min(1)
  .refine((path) => !/^\/(?:proc|sys)(?:\/|$)/.test(resolve(path)), {
    params: { rule: "kernel-folder" },
    message: "Nothing can be stored below /proc and /sys; name a writable folder.",
  });

/** The name of a Kubernetes object. */
export const Name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, "not the name of a Kubernetes object");
