import { UsageError } from "../../core/index.ts";
import { parseShard, type ShardPart } from "../../promotion/index.ts";

/** Which part of the images a process takes. */
export interface ShardOptions {
  /** `i/n`. */
  readonly shard?: string;
  /** Number of shards, where a Job's index says which one. */
  readonly shards?: string;
}

/** Which part this process takes; all where nothing is said. Throws UsageError. */
export function shardOf(
  { shard, shards }: ShardOptions,
  jobIndex = process.env["JOB_COMPLETION_INDEX"],
): ShardPart | undefined {
  if (shard !== undefined && shards !== undefined) throw new UsageError("give either --shard or --shards");
  if (shard !== undefined) return parseShard(shard);
  if (shards === undefined) return undefined;
  if (jobIndex === undefined || !/^\d{1,4}$/.test(jobIndex))
    throw new UsageError(
      "--shards needs the index of an Indexed Job in JOB_COMPLETION_INDEX; else give --shard i/n",
    );
  return parseShard(`${Number(jobIndex) + 1}/${shards}`);
}
