import { bareText, type ReadLine } from "../record/index.ts";

/** Takes names of users out of lines of a record, and counts them. The chain holds without them. */
export class NameRedaction {
  removed = 0;
  readonly #isOn: boolean;

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  apply({ text, value }: ReadLine): string {
    if (!this.#isOn || value.msg === "facts") return text;
    const bare = bareText(text, value);
    if (bare === undefined || bare === text) return text;
    this.removed += 1;
    return bare;
  }

  /** As the manifest lists it. */
  get entries(): readonly { readonly rule: string; readonly what: string; readonly removed: number }[] {
    if (!this.#isOn) return [];
    const what = `names of the users who asked, in record.jsonl; userHash tells them apart`;
    return [{ rule: "user-names", what, removed: this.removed }];
  }
}
