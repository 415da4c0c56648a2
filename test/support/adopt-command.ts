import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { z } from "zod";

import { mcFolder, type Outcome } from "./run-mc.ts";

/** The repository of the hook, as the command is told. */
export const REPO = "https://git.example.com/platform/mc-presync";

/** An Application in a file. */
export const SHOP = `# the shop
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: shop, namespace: argocd }
spec:
  project: shop
  source: # theirs
    repoURL: https://git.example.com/shop/deploy
    path: production   # not staging
    targetRevision: main
  destination: { server: https://kubernetes.default.svc, namespace: shop }
`;

const Answer = z.object({
  version: z.literal(2),
  applications: z.array(
    z.looseObject({
      name: z.string(),
      hook: z.string(),
      file: z.string().nullable(),
      patch: z.string().optional(),
      notes: z.array(z.string()),
    }),
  ),
  files: z.array(z.object({ file: z.string(), diff: z.string(), written: z.boolean() })),
  projects: z.array(z.object({ name: z.string(), allows: z.string() })),
  problems: z.array(z.looseObject({ file: z.string(), rule: z.string() })),
});

/** What the command says as JSON. */
type Told = z.infer<typeof Answer> & { readonly code: number };

/** A place to call the command in, with a folder `apps`, for each test anew. */
export interface AdoptPlace {
  /** From the folder that the command is called in. */
  readonly place: string;
  readonly path: string;
  readonly write: (name: string, text: string) => void;
  readonly read: (name: string) => string;
  /** Runs the command, as a process where it is given input. */
  readonly adopt: (args: readonly string[], input?: string) => Promise<Outcome>;
  readonly told: (args: readonly string[], input?: string) => Promise<Told>;
}

/** Places, until they are removed. */
export function adoptPlaces(): { readonly next: () => AdoptPlace; readonly remove: () => void } {
  const folder = mcFolder();
  let count = 0;
  const adopt: AdoptPlace["adopt"] = (args, input) =>
    folder.mc(["adopt", "argocd", "--repo", REPO, "--revision", "v1", ...args], input);
  const next = (): AdoptPlace => {
    const place = `case-${(count += 1)}`;
    const path = join(folder.path, place);
    mkdirSync(join(path, "apps"), { recursive: true });
    return {
      place,
      path,
      write: (name, text) => {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        folder.write(join(place, name), text);
      },
      read: (name) => folder.read(join(place, name)),
      adopt,
      told: async (args, input) => {
        const { stdout, code } = await adopt([...args, "-o", "json"], input);
        return { code, ...Answer.parse(JSON.parse(stdout)) };
      },
    };
  };
  return { next, remove: folder.remove };
}
