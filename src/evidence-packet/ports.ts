/** What a packet is about. */
export interface PacketWindow {
  readonly since: Date;
  /** First instant that is not in it. */
  readonly until: Date;
  /** Decisions in other namespaces are counted, and not in it. */
  readonly namespace?: string | undefined;
}

/** A commit of the folder that documents are kept in. */
export interface DocumentCommit {
  readonly id: string;
  readonly at: string;
  readonly author: string;
  readonly subject: string;
  readonly files: readonly string[];
}

/** The history of a folder, the newest commit first; `isCut` where there are more. */
export interface DocumentHistory {
  readonly commits: readonly DocumentCommit[];
  readonly isCut: boolean;
}

/** A file that is added by hand: outputs of policy tests, key figures, pictures of dashboards. */
export interface AttachedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Signs a statement: a Sigstore bundle, or why there is none. Never rejects. */
export type SignStatement = (
  statement: object,
) => Promise<{ readonly ok: true; readonly bundle: Buffer } | { readonly ok: false; readonly why: string }>;
