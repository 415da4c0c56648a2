import type { Problem } from "../../src/core/index.ts";

/** Whether there are problems, each of which points into the text and says something. */
export function hasPlaces(problems: readonly Problem[], text: string): boolean {
  const lines = text.split("\n").length;
  const isPlaced = ({ line, column }: Problem): boolean => line >= 1 && line <= lines + 1 && column >= 1;
  return (
    problems.length > 0 &&
    problems.every((each) => isPlaced(each) && /^[a-z-]+$/.test(each.rule) && each.message.length > 3)
  );
}
