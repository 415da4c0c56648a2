import { type ExitCode, UsageError } from "../../core/index.ts";
import { endOf, endWaiver, instantText } from "../../waivers/index.ts";
import { type EditOptions, editWaivers } from "./edited.ts";
import { namedWaiver } from "./renew.ts";

/** `mc waivers expire`: ends a waiver now, or at a time before its end. */
export function waiversExpire(id: string, options: EditOptions): Promise<ExitCode> {
  const { waivers: file, at = new Date() } = options;
  return editWaivers(options, (before) => {
    const waiver = namedWaiver(before, id, file);
    const end = endOf(waiver.document);
    if (end !== undefined && end <= at) return `Waiver ${id} already ended at ${end.toISOString()}`;
    if (at <= waiver.document.created)
      throw new UsageError(`waiver ${id} has not begun; remove its entry from ${file}`);
    const expires = instantText(at);
    const entry = { ...waiver.raw, expires };
    return { after: endWaiver(before, waiver, at), what: `waiver ${id} ends at ${expires}`, entry };
  });
}
