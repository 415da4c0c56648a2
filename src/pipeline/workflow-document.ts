import { z } from "zod";

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const OneOrMany = z.union([z.string().transform((each) => [each]), z.array(z.string()).max(1000)]);

const Permissions = z.union([z.string(), z.record(z.string(), z.string())]);

/** A step of a job, or of a composite action. */
export const WorkflowStep = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  if: Scalar.optional(),
  with: z.record(z.string(), z.unknown()).nullish(),
  env: z.unknown().optional(),
  "continue-on-error": Scalar.optional(),
});
/** See the schema of the same name. */
export type WorkflowStep = z.output<typeof WorkflowStep>;

/** A job of a workflow, as far as it is read. */
export const WorkflowJob = z.object({
  name: Scalar.optional(),
  needs: OneOrMany.nullish(),
  if: Scalar.optional(),
  uses: z.string().optional(),
  permissions: Permissions.nullish(),
  environment: z.union([z.string(), z.object({ name: z.string() })]).nullish(),
  strategy: z.object({ matrix: z.unknown().optional() }).nullish(),
  env: z.unknown().optional(),
  "continue-on-error": Scalar.optional(),
  steps: z.array(WorkflowStep).max(1000).nullish(),
});
/** See the schema of the same name. */
export type WorkflowJob = z.output<typeof WorkflowJob>;

const Filters = z.object({ paths: z.unknown().optional(), "paths-ignore": z.unknown().optional() });

/** A workflow of GitHub Actions, as far as it is read. Source: docs.github.com, "Workflow syntax". */
export const Workflow = z.object({
  name: Scalar.optional(),
  on: z.union([
    z.string().transform((event) => ({ [event]: null })),
    z.array(z.string()).transform((events) => Object.fromEntries(events.map((event) => [event, null]))),
    z.record(z.string(), z.unknown()),
  ]),
  permissions: Permissions.nullish(),
  jobs: z.record(z.string(), WorkflowJob),
});
/** See the schema of the same name. */
export type Workflow = z.output<typeof Workflow>;

/** An action of the repository. */
export const CompositeAction = z.object({
  runs: z.object({ using: z.string(), steps: z.array(WorkflowStep).max(1000).nullish() }),
});

/** See the schema of the same name. */
export type CompositeAction = z.output<typeof CompositeAction>;

/** Whether an event has a filter of paths. */
export function hasPathFilter(event: unknown): boolean {
  const { data } = Filters.safeParse(event);
  return data !== undefined && (data.paths !== undefined || data["paths-ignore"] !== undefined);
}

/** Whether permissions give a job an OIDC token. */
export function hasIdToken(permissions: z.output<typeof Permissions> | null | undefined): boolean {
  if (permissions === "write-all") return true;
  return typeof permissions === "object" && permissions !== null && permissions["id-token"] === "write";
}
