import { endOf, endWaiver, instantText } from "../../waivers/index.ts";
import { EXIT, type ExitCode, UsageError } from "../exit-codes.ts";
import { readText, say } from "../terminal.ts";
import { type EditOptions, finishEdit } from "./edited.ts";
import { namedWaiver } from "./renew.ts";

/** `mc waivers expire`: ends a waiver now, or at a time before its end. */
export function waiversExpire(id: string, options: EditOptions): ExitCode {
  const { waivers: file, at = new Date() } = options;
  const before = readText(file);
  const waiver = namedWaiver(before, id, file);
  const end = endOf(waiver.document);
  if (end !== undefined && end <= at) {
    say(`Waiver ${id} has ended at ${end.toISOString()} already; nothing is written.`);
    return EXIT.allowed;
  }
  if (at <= waiver.document.created)
    throw new UsageError(`waiver ${id} has not begun; take its entry out of ${file}`);
  const expires = instantText(at);
  const entry = { ...waiver.raw, expires };
  const after = endWaiver(before, waiver, at);
  return finishEdit({ before, after, what: `waiver ${id} ends at ${expires}`, entry }, options);
}
