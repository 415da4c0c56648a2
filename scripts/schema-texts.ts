import { enforcementJsonSchema } from "../src/enforcement/index.ts";
import { pipelineJsonSchema } from "../src/pipeline/index.ts";
import { casesJsonSchema } from "../src/policy-work/index.ts";
import { policyJsonSchema } from "../src/policy/index.ts";
import { recordJsonSchema } from "../src/record/index.ts";
import { revocationsJsonSchema } from "../src/revocations/index.ts";
import { waiversJsonSchema } from "../src/waivers/index.ts";
import { valuesJsonSchema } from "./chart-values.ts";

/** The schemas that are written from the code, by path. */
export const SCHEMAS: Readonly<Record<string, () => object>> = {
  "schemas/enforcement.schema.json": enforcementJsonSchema,
  "schemas/pipeline.schema.json": pipelineJsonSchema,
  "schemas/policy-cases.schema.json": casesJsonSchema,
  "schemas/policy.schema.json": policyJsonSchema,
  "schemas/record.schema.json": recordJsonSchema,
  "schemas/revocations.schema.json": revocationsJsonSchema,
  "schemas/waivers.schema.json": waiversJsonSchema,
  "charts/mc-gate/values.schema.json": valuesJsonSchema,
};

/** A schema as it is in its file. */
export function schemaText(name: string): string {
  return `${JSON.stringify(SCHEMAS[name]!(), undefined, 2)}\n`;
}
