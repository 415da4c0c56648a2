/** What announces evidence of one form in a registry. */
interface Announcement {
  /** Media type of a layer that holds it. */
  readonly layer: string;
  /** Artifact type of a referrer that holds it. */
  readonly referrer?: string;
  /** Versions of both types follow them. */
  readonly isVersioned?: true;
}

const BUNDLE = "application/vnd.dev.sigstore.bundle";

/** How registries store signatures: a layer of another type is never read. `src/verify/formats` opens each. */
export const REGISTRY_FORMS = {
  "cosign-sig": {
    layer: "application/vnd.dev.cosign.simplesigning.v1+json",
    referrer: "application/vnd.dev.cosign.artifact.sig.v1+json",
  },
  "cosign-att": { layer: "application/vnd.dsse.envelope.v1+json" },
  bundle: { layer: BUNDLE, referrer: BUNDLE, isVersioned: true },
} as const satisfies Readonly<Record<string, Announcement>>;
/** One of REGISTRY_FORMS. */
export type RegistryForm = keyof typeof REGISTRY_FORMS;

/** The form of evidence that a type announces, of a layer or of a referrer; undefined where it announces none. */
export function announcedForm(of: "layer" | "referrer", stated: string): RegistryForm | undefined {
  const forms = Object.entries<Announcement>(REGISTRY_FORMS) as [RegistryForm, Announcement][];
  const found = forms.find(([, { [of]: type, isVersioned }]) =>
    type !== undefined && isVersioned ? stated.startsWith(type) : stated === type,
  );
  return found?.[0];
}
