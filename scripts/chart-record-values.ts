import { z } from "zod";

import { RecordSettings } from "../src/serve/settings/record-settings.ts";
import { NameOrEmpty } from "./chart-value-types.ts";

/** Files of the decision record. */
export const RecordValues = z.strictObject({
  enabled: z.boolean().describe("Whether each replica also writes the record to files."),
  existingClaim: NameOrEmpty.describe(
    "A PersistentVolumeClaim in the release's namespace, which replicas share; if empty, each has a volume that goes with its pod.",
  ),
  folderMib: RecordSettings.shape.folderMib,
  fileMib: RecordSettings.shape.fileMib,
  keep: RecordSettings.shape.keep,
  userNames: RecordSettings.shape.userNames,
});
