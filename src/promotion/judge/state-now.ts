import { asFault, parseImageRef, type PinnedImage, printable } from "../../core/index.ts";
import { type ImageLine, keyOf } from "../inventory/lines.ts";
import type { JudgePort, LegacyPort } from "./ports.ts";
import { existedSince, type Judgement, lacksHistoryOnly, type Stated, stateOf } from "./state-of.ts";

/** By what an image is judged. */
export interface Judging {
  readonly judge: JudgePort;
  /** Absent where nothing can link images to runs. */
  readonly legacy?: LegacyPort;
  readonly signal: AbortSignal;
}

/** What the gate says of an image now. */
export interface Asked {
  /** With a proof's time where its registry has none. */
  readonly line: ImageLine;
  /** Absent where its name cannot be read. */
  readonly image?: PinnedImage;
  readonly judgement?: Judgement;
  /** Since when it exists, where anything vouches for that. */
  readonly existed?: Date;
}

/** Asks the gate. Rejects where the signal aborts. */
export async function ask(line: ImageLine, { judge, signal }: Judging): Promise<Asked> {
  const parsed = parseImageRef(keyOf(line));
  if (!parsed.ok) return { line };
  const image: PinnedImage = { ...parsed.ref, digest: line.digest };
  const judgement = await judge(image, signal);
  signal.throwIfAborted();
  const existed = existedSince(line, judgement.evidence);
  return { line: datedBy(line, existed), image, judgement, ...(existed !== undefined && { existed }) };
}

/** A registry's own time counts; else the earliest that a log or a timestamp vouches for. */
function datedBy(line: ImageLine, existed: Date | undefined): ImageLine {
  if (line.clock !== "none" || existed === undefined) return line;
  return { ...line, time: existed.toISOString(), clock: "signature" };
}

const UNREADABLE: Stated = {
  state: "unknown",
  reasons: [{ code: "internal/unexpected", message: "its name cannot be read again" }],
};

/** The state, once it was looked for what links an image without provenance to its build. */
export async function statedBy(
  { line, image, judgement }: Asked,
  { legacy, signal }: Judging,
): Promise<Stated> {
  if (image === undefined || judgement === undefined) return UNREADABLE;
  const stated = stateOf(line, judgement);
  if (legacy === undefined || stated.state !== "non-promotable" || !lacksHistoryOnly(judgement))
    return stated;
  try {
    const link = await legacy(image, signal);
    if (link === undefined) return stated;
    const message = `pushed while run ${link.run} of commit ${link.commit} built it, by GitHub's records`;
    return { state: "legacy-linked", reasons: [{ code: "legacy", message: printable(message, 600) }] };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = asFault(error);
    return { state: "unknown", reasons: [{ code, message: printable(message, 600) }] };
  }
}
