const COMPONENT_BYTES = 178;

/** A CycloneDX document of about this many bytes once it is in an envelope, whose base64 is a third longer. */
export function cycloneDxOf(bytes: number): unknown {
  const count = Math.floor((bytes * 0.75) / COMPONENT_BYTES);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { timestamp: new Date().toISOString() },
    components: Array.from({ length: count }, (_, at) => componentOf(String(at).padStart(7, "0"))),
  };
}

function componentOf(at: string): unknown {
  return {
    type: "library",
    name: `package-${at}`,
    version: `1.${at}.0`,
    purl: `pkg:npm/package-${at}@1.${at}.0`,
    licenses: [{ license: { id: "Apache-2.0" } }],
    scope: "required",
  };
}
