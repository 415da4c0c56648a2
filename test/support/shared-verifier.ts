import { createVerifier } from "../../src/verify/index.ts";

/** The threads of all gates that the tests of a process start: each start costs as much as a dozen signatures. */
export const sharedVerifier = createVerifier();
