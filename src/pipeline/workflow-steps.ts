import { readPlain } from "../documents/index.ts";
import type { StepText } from "./activity.ts";
import { CompositeAction, type WorkflowStep } from "./workflow-document.ts";

/** Composite actions in composite actions. Source: docs.github.com, "Reusing workflow configurations". */
const MAX_LEVELS = 10;
const MAX_STEPS = 5000;

/** Steps, where those that use composite actions of the repository are replaced by the steps of these. */
export interface StepsRead {
  readonly steps: readonly StepText[];
  /** Actions of the repository that could not be read, each with why. */
  readonly unread: readonly { readonly action: string; readonly why: string }[];
}

interface Open {
  readonly read: (path: string) => string | undefined;
  readonly callers: readonly string[];
}

/** Steps of a job, those of the repository's own composite actions written out. */
export function flattenSteps(steps: readonly WorkflowStep[], { read }: Pick<Open, "read">): StepsRead {
  return flatten(steps, { read, callers: [] });
}

function flatten(steps: readonly WorkflowStep[], open: Open): StepsRead {
  const parts = steps.map((step) => flattenStep(step, open));
  const all = parts.flatMap((part) => part.steps);
  const unread = parts.flatMap((part) => part.unread);
  if (all.length <= MAX_STEPS) return { steps: all, unread };
  return {
    steps: all.slice(0, MAX_STEPS),
    unread: [...unread, { action: "its steps", why: `there are more than ${MAX_STEPS}` }],
  };
}

function flattenStep(step: WorkflowStep, open: Open): StepsRead {
  const { uses = "", run: command = "" } = step;
  const mayFail = isTrue(step["continue-on-error"]);
  const own: StepText = { action: uses.split("@")[0]!, inputs: step.with ?? {}, command, mayFail };
  if (!uses.startsWith("./")) return { steps: [own], unread: [] };
  const folder = uses.slice(2).replace(/\/+$/, "");
  const action = compositeAction(folder, open);
  if (typeof action === "string") return { steps: [own], unread: [{ action: uses, why: action }] };
  const inner = flatten(action.runs.steps ?? [], { ...open, callers: [...open.callers, folder] });
  return mayFail ? { ...inner, steps: inner.steps.map((each) => ({ ...each, mayFail: true })) } : inner;
}

/** The action of a folder, or why it is not read. */
function compositeAction(folder: string, { read, callers }: Open): CompositeAction | string {
  if (callers.includes(folder)) return "it uses itself";
  if (callers.length >= MAX_LEVELS) return `actions are nested deeper than ${MAX_LEVELS}`;
  const files = ["action.yml", "action.yaml"].map((name) => (folder === "" ? name : `${folder}/${name}`));
  const text = files.map((path) => read(path)).find((found) => found !== undefined);
  if (text === undefined) return `there is no ${files.join(" and no ")}`;
  const plain = readPlain(text);
  const action = plain.ok ? CompositeAction.safeParse(plain.value.content).data : undefined;
  return action ?? "its action.yml is not one that GitHub Actions reads";
}

/** A switch that is on; an expression may be either, and is taken as on. */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.trim() !== "false" && value.trim() !== "");
}
