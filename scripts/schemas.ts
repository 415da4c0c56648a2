import { writeFileSync } from "node:fs";

import { SCHEMAS, schemaText } from "./schema-texts.ts";

/** Writes the JSON Schemas that editors and Helm use; the test next to it fails where they lag behind. */
for (const path of Object.keys(SCHEMAS)) writeFileSync(path, schemaText(path));
