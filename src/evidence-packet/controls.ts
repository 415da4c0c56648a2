/** Which practice a file of the packet speaks to. Sources: NIST SP 800-218 (SSDF 1.1), slsa.dev/spec/v1.2. */
export const CONTROLS: readonly {
  readonly files: string;
  readonly practice: string;
  readonly why: string;
}[] = [
  {
    files: "documents/, documents.json",
    practice: "SSDF PO.4.1",
    why: "criteria for security checks, and their history",
  },
  {
    files: "record.jsonl, population.json",
    practice: "SSDF PO.4.2",
    why: "data that the checks are supported by, and how whole it is",
  },
  {
    files: "documents.json, history.json",
    practice: "SSDF PO.2.1",
    why: "who changed and who approved the criteria",
  },
  {
    files: "attestations.jsonl",
    practice: "SSDF PS.2.1",
    why: "integrity of releases: signatures that were verified",
  },
  {
    files: "attestations.jsonl, evidence.jsonl",
    practice: "SSDF PS.3.2",
    why: "provenance of the components of each release",
  },
  {
    files: "refused.json",
    practice: "SSDF PW.4.4",
    why: "components that do not meet the requirements were refused",
  },
  {
    files: "exceptions.json",
    practice: "SSDF RV.1.1, RV.2.2",
    why: "known risks, how they are responded to, and until when",
  },
  {
    files: "attestations.jsonl",
    practice: "SLSA Build L1 to L3",
    why: "provenance that exists, is signed, and names a builder that the policy trusts",
  },
  {
    files: "attestations.jsonl",
    practice: "SLSA verification summaries",
    why: "lines of kind `verification summary`",
  },
  {
    files: "record.jsonl",
    practice: "SLSA verifying artifacts",
    why: "provenance was checked against expectations before each deployment",
  },
];
