import { type ExitCode, UsageError } from "../../core/index.ts";
import {
  appendWaiver,
  classOf,
  endOf,
  instantText,
  type WaiverEntry,
  type WrittenWaiver,
  writtenWaiver,
} from "../../waivers/index.ts";
import { type WaiverWords, warnOfApprovals, withoutGaps, wordsOf } from "./add.ts";
import { type EditOptions, editWaivers } from "./edited.ts";

const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

export interface RenewOptions extends EditOptions, WaiverWords {
  readonly id?: string;
}

/**
 * `mc waivers renew`: a new waiver that says `renews`, for the same image and as wide. It begins where the old one ends,
 * or now, lives as long, and needs approvals of its own.
 */
export async function waiversRenew(id: string, options: RenewOptions): Promise<ExitCode> {
  const { waivers: file, at = new Date() } = options;
  let entry: ReturnType<typeof renewed> | undefined;
  const code = await editWaivers(options, (before) => {
    entry = renewed(id, namedWaiver(before, id, file), { ...options, at });
    return { after: appendWaiver(before, entry), what: `waiver ${entry.id} follows ${id}`, entry };
  });
  if (entry !== undefined) warnOfApprovals(entry);
  return code;
}

/** The waiver of an id. Throws UsageError where none or several are called so. */
export function namedWaiver(text: string, id: string, file: string): WrittenWaiver {
  const found = writtenWaiver(text, id);
  if (found !== undefined) return found;
  throw new UsageError(
    `${file}: no readable waiver, or more than one, is called ${id}; mc waivers lint says more`,
  );
}

function renewed(id: string, old: WrittenWaiver, options: RenewOptions & { readonly at: Date }) {
  const { at } = options;
  const end = endOf(old.document);
  return {
    ...keptOf(old),
    id: options.id ?? nextId(id),
    ...wordsOf({ ...options, ...lifeOf(old, options) }, instantText(at)),
    created: instantText(end !== undefined && end > at ? end : at),
    renews: id,
  };
}

/** What stays as it was: approvals were for the old one, and times are new. */
function keptOf({ raw, document }: WrittenWaiver): Pick<WaiverEntry, "digest"> & Partial<WaiverEntry> {
  const { digest, image, findings, namespaces, reason, compensatingControl, ticket, owner } = raw;
  const owners = owner === undefined ? raw.owners : [owner];
  const kept = { image, findings, namespaces, reason, compensatingControl, ticket, owners };
  return { digest, class: classOf(document), ...withoutGaps(kept) };
}

/** As long as the old one, where nothing else is said. */
function lifeOf({ document }: WrittenWaiver, { ttl, expires }: WaiverWords): Pick<WaiverWords, "ttl"> {
  const end = endOf(document);
  if (ttl !== undefined || expires !== undefined || end === undefined) return {};
  const seconds = Math.max(1, Math.floor((end.getTime() - document.created.getTime()) / 1000));
  const [unit, size] = UNITS.find(([, each]) => seconds % each === 0)!;
  return { ttl: `${seconds / size}${unit}` };
}

function nextId(id: string): string {
  const [, stem = id, count = "0"] = /^(.*)-r(\d)$/.exec(id) ?? [];
  return `${stem}-r${Number(count) + 1}`;
}
