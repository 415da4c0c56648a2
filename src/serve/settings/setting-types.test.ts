import { describe, expect, it } from "vitest";

import { WritableFolder } from "./setting-types.ts";

describe("a folder that the gate writes to", () => {
  it.each(["/proc", "/proc/self/x", "/sys/fs/x", "/tmp/../proc/x", "//proc/x"])(
    "is none of the kernel's: %s",
    (path) => {
      expect(WritableFolder.safeParse(path).success).toBe(false);
    },
  );

  it.each(["/tmp/evidence", "/process/x", "proc/x", "/var/proc"])("may be any other: %s", (path) => {
    expect(WritableFolder.safeParse(path).success).toBe(true);
  });
});
