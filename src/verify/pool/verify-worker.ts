import { parentPort } from "node:worker_threads";

import { type Material, prepare } from "../sigstore/material.ts";
import { verifyAttachment } from "../verify-attachment.ts";
import type { Answer, Job } from "./jobs.ts";

const port = parentPort;
if (port === null) throw new Error("this file runs in a worker thread");

/** The library tries to read every OCTET STRING as more ASN.1 and catches what it throws: traces are a tenth of the work. */
Error.stackTraceLimit = 0;

let material: Material | undefined;

function answer({ id, attachment, about, generation, trust }: Job): Answer {
  try {
    if (trust !== undefined) material = prepare(trust);
    if (material?.generation !== generation) return { id, unusable: "the trust material has not arrived" };
    return { id, outcome: verifyAttachment(attachment, about, material) };
  } catch (error) {
    return { id, unusable: error instanceof Error ? error.message : "unreadable trust material" };
  }
}

port.on("message", (job: Job) => port.postMessage(answer(job)));
