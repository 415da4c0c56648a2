import type { Verdict } from "../core/index.ts";
import type { DecisionLine } from "../record/index.ts";
import type { Replayed } from "./replay.ts";

/** Groups that are kept; decisions past them are counted all the same. */
const MAX_GROUPS = 5000;
const MAX_IMAGES = 4;
const MAX_REASONS = 8;

/** How a decision comes out now, compared with how it came out. */
export type Change =
  | "newlyRefused"
  | "newlyAllowed"
  | "newlyWarned"
  | "noLongerWarned"
  | "unchanged"
  | "notReplayable";

/** Decisions of one workload that change in the same way for the same reason. */
export interface ReplayGroup {
  readonly change: Exclude<Change, "unchanged">;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /** The source repositories that its images' certificates name; empty where none does. */
  readonly owners: readonly string[];
  /** How many decisions. */
  readonly decisions: number;
  /** The uid of the last of them. */
  readonly uid: string;
  /** The first four. */
  readonly images: readonly string[];
  /** The first eight: what is refused for now, or was refused for, or why it cannot be judged again. */
  readonly reasons: readonly string[];
}

/** What came of a replay. */
export interface ReplayReport {
  readonly decisions: number;
  readonly changes: Readonly<Record<Change, number>>;
  /** The first 5,000, those of most decisions first. */
  readonly groups: readonly ReplayGroup[];
  /** Decisions of groups past these. */
  readonly ungrouped: number;
}

interface Counted extends Omit<ReplayGroup, "decisions" | "uid"> {
  decisions: number;
  uid: string;
}

/** Counts replayed decisions by what changes, workload and reason. Memory is bounded. */
export class ReplayGroups {
  readonly #groups = new Map<string, Counted>();
  readonly #changes: Record<Change, number> = {
    newlyRefused: 0,
    newlyAllowed: 0,
    newlyWarned: 0,
    noLongerWarned: 0,
    unchanged: 0,
    notReplayable: 0,
  };
  #ungrouped = 0;

  add(line: DecisionLine, replayed: Replayed): void {
    const change = changeOf(line, replayed);
    this.#changes[change] += 1;
    if (change === "unchanged") return;
    const { namespace, kind, name, uid } = line;
    const reasons = reasonsOf(line, replayed);
    const key = JSON.stringify([change, namespace, kind, name, reasons]);
    const known = this.#groups.get(key);
    if (known !== undefined) {
      known.decisions += 1;
      known.uid = uid;
      return;
    }
    if (this.#groups.size >= MAX_GROUPS) {
      this.#ungrouped += 1;
      return;
    }
    const owners = "verdict" in replayed ? replayed.owners : [];
    const images = line.images.slice(0, MAX_IMAGES);
    this.#groups.set(key, { change, namespace, kind, name, owners, images, reasons, decisions: 1, uid });
  }

  report(): ReplayReport {
    const groups = [...this.#groups.values()].toSorted((a, b) => b.decisions - a.decisions);
    const changes = { ...this.#changes };
    const decisions = Object.values(changes).reduce((sum, each) => sum + each, 0);
    return { decisions, changes, groups, ungrouped: this.#ungrouped };
  }
}

function changeOf({ decision: before }: DecisionLine, replayed: Replayed): Change {
  if ("notReplayable" in replayed) return "notReplayable";
  return CHANGES[before][replayed.verdict.decision];
}

const CHANGES: Readonly<Record<Verdict["decision"], Readonly<Record<Verdict["decision"], Change>>>> = {
  allow: { allow: "unchanged", warn: "newlyWarned", deny: "newlyRefused" },
  warn: { allow: "noLongerWarned", warn: "unchanged", deny: "newlyRefused" },
  deny: { allow: "newlyAllowed", warn: "newlyAllowed", deny: "unchanged" },
};

function reasonsOf({ objections = [] }: DecisionLine, replayed: Replayed): string[] {
  if ("notReplayable" in replayed) return [replayed.notReplayable];
  const now = replayed.verdict.objections;
  const told = now.length > 0 ? now : objections;
  return [...new Set(told.map(({ rule, code }) => (rule === undefined ? code : `${rule}: ${code}`)))].slice(
    0,
    MAX_REASONS,
  );
}
