/** First version of each line of Node that the program runs on; every later line will do. As `engines` in package.json. */
const OLDEST = { line: 24, minor: 15 };
const NEXT_LINE = 26;

/** What is wrong with a version of Node, one sentence; undefined where it will do. */
export function nodeProblem(version: string): string | undefined {
  const [line = 0, minor = 0] = version.split(".").map(Number);
  if (line >= NEXT_LINE || (line === OLDEST.line && minor >= OLDEST.minor)) return undefined;
  return `mc needs Node.js ${OLDEST.line}.${OLDEST.minor} or later in the ${OLDEST.line} line, or ${NEXT_LINE} and later; this is ${version}.`;
}
