import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

interface Dom {
  readonly window: Window & {
    readonly document: Document;
    readonly close: () => void;
  };
}
interface Element {
  readonly textContent: string;
  readonly dataset: Readonly<Record<string, string>>;
}
interface Document {
  readonly getElementById: (id: string) => Element;
  readonly querySelectorAll: (selector: string) => ArrayLike<Element>;
  readonly body: Element;
}
type Window = Record<string, unknown>;

/** A page as it is after its script has run. */
export interface ShownPage {
  /** `same` or `wrong`. */
  readonly result: string | undefined;
  /** What it says of its files. */
  readonly integrity: string;
  readonly text: string;
  /** How many elements a selector finds. */
  readonly count: (selector: string) => number;
  /** A global of the page. */
  readonly global: (name: string) => unknown;
}

/** Runs a packet's page in jsdom, which knows no WebCrypto of its own, and no Content-Security-Policy. */
export async function showPage(file: string): Promise<ShownPage> {
  const name = "jsdom"; // it ships no types
  const { JSDOM } = (await import(name)) as { JSDOM: new (html: string, options: object) => Dom };
  const dom = new JSDOM(readFileSync(file, "utf8"), {
    runScripts: "dangerously",
    beforeParse: (window: Window) => {
      Object.defineProperty(window, "crypto", { value: crypto });
      Object.assign(window, { TextDecoder });
    },
  });
  const { document } = dom.window;
  const integrity = document.getElementById("integrity");
  for (let turn = 0; turn < 500 && integrity.dataset["shown"] === undefined; turn += 1) {
    if (integrity.dataset["result"] === "wrong" && turn > 50) break; // a page without a manifest shows nothing else
    await pause(10);
  }
  const shown = {
    result: integrity.dataset["result"],
    integrity: integrity.textContent,
    text: document.body.textContent,
    count: (selector: string) => document.querySelectorAll(selector).length,
    global: (key: string) => dom.window[key],
  };
  return shown;
}
