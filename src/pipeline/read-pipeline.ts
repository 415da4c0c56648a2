import { readPlacedManifests } from "../documents/index.ts";
import type { ReadPipeline } from "./pipeline.ts";
import { noticeOf, readBuildPipeline } from "./read-build-pipeline.ts";
import { readWorkflow, type WorkflowSource } from "./read-workflow.ts";

/** Reads a pipeline of ours or a workflow, whichever the text is. */
export function readPipeline(file: string, text: string, source: WorkflowSource): ReadPipeline {
  const read = readPlacedManifests(text);
  if (!read.ok) return { ok: false, notices: read.problems.map((each) => noticeOf(file, each)) };
  const content = read.value[0]?.content;
  const isWorkflow = typeof content === "object" && content !== null && "jobs" in content;
  return isWorkflow ? readWorkflow(file, text, source) : readBuildPipeline(file, text);
}
