/** Takes the texts of one document as they come. */
export type DocumentFeed = (text: string) => void;

/** How texts are read. */
export interface FeedOptions {
  /** Longest text that is read at once, in characters. */
  readonly small: number;
  readonly readSmall: (text: string) => void;
  /** Must not reject. */
  readonly readLarge: (text: string) => Promise<void>;
}

/**
 * Reads one text after another, in their order. While a long one is read the newest of those that come waits, and those
 * between are left out: no one needs them any more, and anyone who edits a document in a loop must not keep the gate
 * busy.
 */
export function createDocumentFeed({ small, readSmall, readLarge }: FeedOptions): DocumentFeed {
  let isReading = false;
  let newest: string | undefined;
  const readOn = async (first: string): Promise<void> => {
    isReading = true;
    for (let text: string | undefined = first; text !== undefined; text = newest) {
      newest = undefined;
      await readLarge(text);
    }
    isReading = false;
  };
  return (text) => {
    if (isReading) newest = text;
    else if (text.length <= small) readSmall(text);
    else void readOn(text);
  };
}
