import { isMap } from "../core/index.ts";
import { parseEnforcement, scopeOf } from "../enforcement/index.ts";
import type { FactLine } from "../record/index.ts";
import { parseRevocations } from "../revocations/index.ts";
import { parseWaivers } from "../waivers/index.ts";
import type { DocumentTally, Tally, UseTally } from "./tally.ts";

/** Characters of all documents' texts in one packet. */
const MAX_TEXTS = 64 * 1024 * 1024;

/** An exception or a revocation, as one version of a document or several state it. */
export interface Exception {
  readonly kind: "waiver" | "switch" | "revocation";
  readonly id: string;
  readonly what: string;
  readonly by: readonly string[];
  readonly approvedBy: readonly string[];
  readonly from: string;
  readonly until: string;
  readonly reason: string;
  readonly ticket: string;
  /** Decisions of the packet that used it. */
  readonly used: number;
  readonly documents: string[];
}

/** The texts of the documents, as far as the record holds them, and what they say. */
export class PacketDocuments {
  readonly exceptions = new Map<string, Exception>();
  /** What cannot be known of them, one sentence each. */
  readonly unknown: string[] = [];
  readonly texts = new Map<string, string>();
  readonly #versions: readonly DocumentTally[];
  readonly #tally: Tally;
  #characters = 0;

  constructor(versions: readonly DocumentTally[], tally: Tally) {
    this.#versions = versions;
    this.#tally = tally;
  }

  /** Whether a fact is the text of one of the versions. */
  take({ digest, value }: FactLine): void {
    const version = this.#versions.find(({ fact }) => fact === digest);
    if (version === undefined || this.texts.has(digest)) return;
    const text = isMap(value) ? value["text"] : undefined;
    if (typeof text !== "string") return;
    this.#characters += text.length;
    if (this.#characters > MAX_TEXTS) return;
    this.texts.set(digest, text);
    this.#read(version, text);
  }

  /** Says which texts are not there. */
  finish(): void {
    for (const { document, digest, fact } of this.#versions)
      if (!this.texts.has(fact))
        this.unknown.push(`the text of the ${document} document ${digest}: no file of the record holds it`);
  }

  #read({ document, digest }: DocumentTally, text: string): void {
    if (document === "waivers") this.#waivers(digest, text);
    if (document === "enforcement") this.#switches(digest, text);
    if (document === "revocations") this.#revocations(digest, text);
  }

  #waivers(digest: string, text: string): void {
    const read = parseWaivers(text);
    if (!read.ok) return this.#unread("waivers", digest);
    for (const each of read.value.waivers)
      this.#add(digest, {
        kind: "waiver",
        id: each.id,
        what: `${each.class} of ${each.image ?? "any image"}@${each.digest}${each.namespaces ? ` in ${each.namespaces.join(", ")}` : ""}`,
        by: [...each.owners, ...(each.requestedBy === undefined ? [] : [`requested by ${each.requestedBy}`])],
        approvedBy: each.approvals.map(approver),
        from: each.from.toISOString(),
        until: each.until.toISOString(),
        reason: each.reason ?? "",
        ticket: each.ticket ?? "",
        used: usesOf(this.#tally.waivers, each.id),
      });
  }

  #switches(digest: string, text: string): void {
    const read = parseEnforcement(text);
    if (!read.ok) return this.#unread("enforcement", digest);
    for (const each of read.value.switches)
      this.#add(digest, {
        kind: "switch",
        id: each.id,
        what: `enforcement off: ${scopeOf(each)}`,
        by: [each.by],
        approvedBy:
          each.confirmed === undefined ? [] : [`${each.confirmed.by} at ${each.confirmed.at.toISOString()}`],
        from: each.from.toISOString(),
        until: each.until.toISOString(),
        reason: each.reason,
        ticket: each.ticket,
        used: usesOf(this.#tally.switches, each.id),
      });
  }

  #revocations(digest: string, text: string): void {
    const read = parseRevocations(text);
    if (!read.ok) return this.#unread("revocations", digest);
    for (const each of read.value.entries)
      this.#add(digest, {
        kind: "revocation",
        id: each.id,
        what: each.digest ?? each.key ?? "a signer, see the document",
        by: each.requestedBy === undefined ? [] : [each.requestedBy],
        approvedBy: each.approvals.map(approver),
        from: each.from?.toISOString() ?? "",
        until: each.until?.toISOString() ?? "",
        reason: each.reason,
        ticket: "",
        used: 0,
      });
  }

  /** An entry that was edited is there twice, each with the versions that say so. */
  #add(digest: string, entry: Omit<Exception, "documents">): void {
    const key = JSON.stringify(entry);
    const known = this.exceptions.get(key);
    if (known === undefined) this.exceptions.set(key, { ...entry, documents: [digest] });
    else known.documents.push(digest);
  }

  #unread(document: string, digest: string): void {
    this.unknown.push(`what the ${document} document ${digest} says: it cannot be read by this version`);
  }
}

interface Approver {
  readonly by: string;
  readonly seat: string;
  readonly at?: Date;
}

function approver({ by, seat, at }: Approver): string {
  return `${by} (${seat})${at === undefined ? "" : ` at ${at.toISOString()}`}`;
}

function usesOf(uses: ReadonlyMap<string, UseTally>, id: string): number {
  return uses.get(id)?.decisions ?? 0;
}
