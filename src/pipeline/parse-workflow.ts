import { type Parsed, printable, type Problem } from "../core/index.ts";
import { type PlainDocument, readPlacedManifests } from "../documents/index.ts";
import { Workflow } from "./workflow-document.ts";

/** A workflow with what is needed to point into its text. */
export interface PlacedWorkflow {
  readonly document: PlainDocument;
  readonly workflow: Workflow;
}

/** Reads a workflow by itself. Rules: those of manifests, and `not-a-workflow`. */
export function parseWorkflow(text: string): Parsed<PlacedWorkflow> {
  const read = readPlacedManifests(text);
  if (!read.ok) return read;
  const [document] = read.value;
  if (document === undefined)
    return { ok: false, problems: [notAWorkflow("the file", { line: 1, column: 1 })] };
  const parsed = Workflow.safeParse(document.content);
  if (parsed.success) return { ok: true, value: { document, workflow: parsed.data } };
  const path = parsed.error.issues[0]!.path.map((part) => (typeof part === "number" ? part : String(part)));
  const where = path.length === 0 ? "the file" : printable(path.join("."), 200);
  return { ok: false, problems: [notAWorkflow(where, document.placeOf(path))] };
}

function notAWorkflow(where: string, place: Pick<Problem, "line" | "column">): Problem {
  const message = `This is not a workflow of GitHub Actions: ${where} is not as its syntax says.`;
  return { ...place, path: "", rule: "not-a-workflow", message };
}
