import type { Problem } from "../core/index.ts";
import { type Place, readDocument, readPlain } from "../documents/index.ts";
import { activityOf } from "./activity.ts";
import { PipelineDocument } from "./document.ts";
import type { Notice, ReadPipeline, Stage } from "./pipeline.ts";
import { runsWhen } from "./run-condition.ts";

type StageDocument = PipelineDocument["spec"]["stages"][number];

/** Reads a pipeline of `orchestrations/mc`, strictly. Pure. */
export function readBuildPipeline(file: string, text: string): ReadPipeline {
  const [read, plain] = [readDocument(text, PipelineDocument), readPlain(text)];
  if (!read.ok) return { ok: false, notices: read.problems.map((each) => noticeOf(file, each)) };
  if (!plain.ok) return { ok: false, notices: plain.problems.map((each) => noticeOf(file, each)) };
  const { metadata, spec } = read.value;
  const placeOf = (at: number): Place => plain.value.placeOf(["spec", "stages", at, "name"]);
  const stages = spec.stages.map((stage, at) => stageOf(stage, { file, spec, ...placeOf(at) }));
  return {
    ok: true,
    pipeline: {
      name: metadata.version === undefined ? metadata.name : `${metadata.name} ${metadata.version}`,
      file,
      kind: "build-pipeline",
      triggers: [],
      stages,
      notices: [],
    },
  };
}

/** A problem of a document as a notice. */
export function noticeOf(file: string, { line, column, path, rule, message }: Problem): Notice {
  const where = path === "" ? "" : `${path}: `;
  return { level: "wrong", file, line, column, rule, stage: undefined, message: `${where}${message}` };
}

interface Surroundings extends Place {
  readonly file: string;
  readonly spec: PipelineDocument["spec"];
}

function stageOf(stage: StageDocument, { file, spec, line, column }: Surroundings): Stage {
  const { name, dependsOn, condition, steps } = stage;
  const seen = activityOf(
    steps.map((step) => ({
      action: step.action ?? "",
      inputs: step.with,
      command: step.command ?? "",
      mayFail: step.mayFail,
    })),
  );
  const checks = new Map([...seen.checks, ...stage.checks.map(({ check, mode }) => [check, mode] as const)]);
  const keeps = steps.some(({ artifacts }) => artifacts.length > 0);
  const repeats = [stage.forEach, ...steps.map(({ forEach }) => forEach)].includes("services");
  const texts = steps.map(
    ({ command = "", with: inputs }) => `${command}\n${Object.values(inputs).join("\n")}`,
  );
  return {
    id: name,
    title: name,
    file,
    line,
    column,
    needs: dependsOn,
    runs: runsWhen(condition, { needs: dependsOn, texts: texts.join("\n") }),
    condition,
    copies: repeats ? spec.services.length : 1,
    environment: stage.environment,
    mayFail: stage.mayFail,
    activity: {
      ...seen,
      checks,
      products: keeps ? new Set([...seen.products, "artifact"]) : seen.products,
    },
    signer: seen.signsKeyless ? spec.signer : undefined,
  };
}
