import { parseJson, printable, EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import {
  approveWaiver,
  approvalPayload,
  type Consent,
  instantText,
  type WaiverEntry,
} from "../../waivers/index.ts";
import { readText, say } from "../terminal.ts";
import { type EditOptions, editWaivers } from "./edited.ts";
import { namedWaiver } from "./renew.ts";

export interface PayloadOptions extends Consent {
  readonly waivers: string;
}

export interface ApproveOptions extends EditOptions, Consent {
  readonly ref?: string;
  /** File of a Sigstore bundle. */
  readonly bundle?: string;
}

/** `mc waivers payload`: exactly the bytes that one person signs to approve a waiver, without a line end. */
export function waiversPayload(id: string, { waivers: file, by, seat }: PayloadOptions): ExitCode {
  const { raw } = namedWaiver(readText(file), id, file);
  process.stdout.write(payloadOf(raw, { by, seat }));
  say("");
  say(`Signed by ${printable(by, 60)}, such as by cosign sign-blob, it is their approval of ${id}.`);
  return EXIT.allowed;
}

/** `mc waivers approve`: writes a person's approval, or a signature to the one that they gave. */
export function waiversApprove(id: string, options: ApproveOptions): Promise<ExitCode> {
  const { waivers: file, at = new Date(), by, seat, ref, bundle } = options;
  const approval = {
    by,
    seat,
    at: instantText(at),
    ...(ref !== undefined && { ref }),
    ...(bundle !== undefined && { bundle: bundleText(bundle) }),
  };
  const what = `${by} approves ${id} as ${seat}${bundle === undefined ? ", unsigned" : ""}`;
  return editWaivers(options, (before) => {
    const waiver = namedWaiver(before, id, file);
    payloadOf(waiver.raw, { by, seat });
    return { after: approveWaiver(before, waiver, approval), what, entry: approval };
  });
}

function payloadOf(raw: WaiverEntry, consent: Consent): string {
  const text = approvalPayload(raw, consent);
  if (text === undefined)
    throw new UsageError("a text of the waiver is not valid Unicode, and has no canonical form");
  return text;
}

/** A bundle on one line. Throws UsageError. */
function bundleText(file: string): string {
  try {
    return JSON.stringify(parseJson(readText(file)));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} is not a Sigstore bundle: it is not JSON`);
  }
}
