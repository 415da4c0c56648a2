/** What a test says about a review; the rest is an ordinary pod. */
export interface ReviewOptions {
  readonly uid?: string;
  readonly namespace?: string;
  readonly operation?: "CREATE" | "UPDATE" | "DELETE";
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly subResource?: string;
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly dryRun?: boolean;
}

/** An AdmissionReview v1 as the API server sends it. */
export function aReview(options: ReviewOptions = {}): unknown {
  const { uid = "11111111-2222-3333-4444-555555555555", namespace = "shop", operation = "CREATE" } = options;
  const kind = options.kind ?? { group: "", version: "v1", kind: "Pod" };
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid,
      kind,
      resource: { group: kind.group, version: kind.version, resource: `${kind.kind.toLowerCase()}s` },
      ...(options.subResource !== undefined && { subResource: options.subResource }),
      name: "web",
      namespace,
      operation,
      userInfo: { username: "jane", groups: ["system:authenticated"] },
      object: options.object ?? null,
      oldObject: options.oldObject ?? null,
      dryRun: options.dryRun ?? false,
    },
  };
}

/** A pod with these images, as containers c0, c1, … */
export function aPod(...images: readonly string[]): unknown {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "shop" },
    spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })) },
  };
}
