import { z } from "zod";

import { Fault, parseJson, printable, UsageError } from "../core/index.ts";
import { type KubeObject, objectsIn, runningPod, type RunningPod } from "../workloads/index.ts";
import { readText } from "./terminal.ts";

const HINT = "kubectl get pods -A -o json";

/** A page of a list. Source: Kubernetes API reference, ListMeta. */
const Page = z.object({ metadata: z.object({ continue: z.string().min(1) }) });

/** The pods in what `kubectl get pods -A -o json` prints. Throws UsageError: half a list is not an answer. */
export function runningPods(file: string): RunningPod[] {
  const value = jsonIn(file);
  if (Page.safeParse(value).success)
    throw new UsageError(`${file} is one page of a list, and there are more; get the whole list by ${HINT}`);
  const { objects, unreadable } = found(file, value);
  if (unreadable[0] !== undefined)
    throw noPods(file, [...unreadable[0].path, unreadable[0].within].join("."));
  return objects.map((object) => podOf(file, object));
}

function jsonIn(file: string): unknown {
  try {
    return parseJson(readText(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} is not JSON; create it by ${HINT}`);
  }
}

function found(file: string, value: unknown): ReturnType<typeof objectsIn> {
  try {
    return objectsIn(value);
  } catch (error) {
    throw error instanceof Fault ? noPods(file, error.message) : error;
  }
}

function podOf(file: string, { group, kind, path, value }: KubeObject): RunningPod {
  const place = path.join(".");
  if (group !== "" || kind !== "Pod") throw noPods(file, `${place} is of kind ${printable(kind, 60)}`);
  try {
    return runningPod(value);
  } catch (error) {
    if (error instanceof Fault) throw noPods(file, `${place}: ${error.message}`);
    if (!(error instanceof z.ZodError)) throw error;
    throw noPods(file, `${place}.${error.issues[0]!.path.join(".")} cannot be read`);
  }
}

function noPods(file: string, why: string): UsageError {
  return new UsageError(`${file} is not a list of pods (${HINT}): ${why}`);
}
