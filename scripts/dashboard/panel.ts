/** One line of a panel. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

/** What one panel shows. */
export interface Panel {
  readonly title: string;
  /** What it means, and when to worry. */
  readonly description: string;
  readonly type: "stat" | "table" | "timeseries";
  /** A unit of Grafana: `s`, `reqps`, `percentunit`, `bytes`, `short`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** The dashboard that shows more. */
  readonly link?: { readonly title: string; readonly uid: string };
}

/** Panels under one heading. */
export interface Section {
  readonly title: string;
  readonly panels: readonly Panel[];
}
