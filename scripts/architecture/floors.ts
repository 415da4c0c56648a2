/** One floor of src. A folder imports folders of lower floors only. */
export interface Floor {
  readonly name: string;
  readonly folders: readonly string[];
}

/** The floors, lowest first. A new folder is an entry here, and a row in test/architecture.test.ts. */
export const FLOORS: readonly Floor[] = [
  { name: "Vocabulary", folders: ["core"] },
  { name: "Connections", folders: ["outbound"] },
  {
    name: "Readers and adapters",
    folders: [
      "documents",
      "workloads",
      "verify",
      "registry",
      "trust",
      "kube",
      "evidence-files",
      "offload",
      "signing",
      "server",
      "metrics",
      "report",
    ],
  },
  { name: "Documents in force", folders: ["policy", "waivers", "revocations", "enforcement"] },
  { name: "Verdict", folders: ["gate", "policy-import"] },
  { name: "Admission, and what is recorded", folders: ["admission", "record"] },
  { name: "Argo CD, and what a gate is made of", folders: ["argocd", "guard", "composition", "incident"] },
  { name: "The running gate", folders: ["serve"] },
  {
    name: "Before and after a release",
    folders: ["pipeline", "policy-work", "promotion", "audit", "evidence-packet", "pr-comment"],
  },
  { name: "Repositories", folders: ["fleet"] },
  { name: "Figures of the rollout", folders: ["kpi"] },
  { name: "Commands", folders: ["cli"] },
];

/** The floor of a folder, counted from 0; -1 where no floor has it. */
export function floorOf(folder: string): number {
  return FLOORS.findIndex(({ folders }) => folders.includes(folder));
}
