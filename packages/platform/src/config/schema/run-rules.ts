import { join } from "node:path";
import type { z } from "zod";
import type { RunKeys } from "./run-keys.ts";
import { copies, keysFor } from "./same-keys.ts";
import { updateTypeOf } from "./schedulers.ts";
import { checkShapes, type Fault } from "./shape-rules.ts";
import { isGiven, isSame, valueAt } from "./value-at.ts";

const [epochKeys, stepKeys] = [keysFor("trainer.epochs"), keysFor("trainer.max_steps")];

/** What must hold between the groups of a run. */
export function checkBetweenGroups(run: RunKeys, context: z.RefinementCtx): void {
  const fault: Fault = (path, message) =>
    context.addIssue({ code: "custom", path: path.split("."), message, input: run });
  checkShapes(run, fault);
  checkBatch(run, fault);
  checkLength(run, fault);
  checkSchedule(run, fault);
  checkSame(run, fault);
  checkBuffer(run, fault);
  checkDeepspeed(run, fault);
  checkTransforms(run, fault);
  checkHooks(run, fault);
}

/** Every optimizer step sees the same number of samples, divided alike between the ranks. */
function checkBatch({ clusters, trainer, datasets, deepspeed }: RunKeys, fault: Fault) {
  const { batch_size, worker_nodes, gpus_per_worker } = clusters;
  const ranks = worker_nodes * gpus_per_worker;
  if (batch_size < 1 || ranks < 1) return; // what breaks its bounds is told, and divides nothing
  const derived = (path: string, got: number | undefined, wanted: number) => {
    if (got !== undefined && got !== wanted) fault(path, `must be ${wanted}, as the rest says`);
  };
  derived("clusters.total_gpus", clusters.total_gpus, ranks);
  if (batch_size % ranks !== 0) {
    fault("clusters.batch_size", `must be a multiple of the ${ranks} ranks`);
    return;
  }
  derived("clusters.batch_size_per_gpu", clusters.batch_size_per_gpu, batch_size / ranks);
  derived("datasets.batch_size", datasets.batch_size, batch_size / ranks);
  const micro = trainer.micro_batch_size ?? batch_size / ranks;
  if (batch_size % (micro * ranks) !== 0) {
    const message =
      ranks === 1
        ? `must divide clusters.batch_size, which is ${batch_size}`
        : `must divide ${batch_size / ranks}, each rank's share of clusters.batch_size`;
    fault("trainer.micro_batch_size", message);
    return;
  }
  derived(
    "deepspeed.gradient_accumulation_steps",
    deepspeed?.gradient_accumulation_steps,
    batch_size / (micro * ranks),
  );
}

function checkLength(run: RunKeys, fault: Fault) {
  const lengths = [...epochKeys, ...stepKeys].map((key) => valueAt(run, key));
  if (!lengths.some(isGiven)) {
    const message = "one of epochs and max_steps must be given, or the run would never end";
    fault("trainer.epochs", message);
  }
}

/**
 * Warm-up and cool-down fit into the length that is written in their unit. Where the other unit decides,
 * the data do: the start of the run tells it.
 */
function checkSchedule(run: RunKeys, fault: Fault) {
  const { job_type, schedulers } = run;
  if (job_type !== "train") return;
  const { warmup, cooldown } = schedulers;
  const keys = updateTypeOf(schedulers) === "epoch" ? epochKeys : stepKeys;
  const key = keys.find((key) => isGiven(valueAt(run, key)));
  if (key === undefined) return;
  const length = Number(valueAt(run, key));
  if (warmup + cooldown <= length) return;
  const [longer, other] = warmup < cooldown ? ["cooldown", "warmup"] : ["warmup", "cooldown"];
  const shorter = Math.min(warmup, cooldown);
  const beside = shorter === 0 ? "" : `with schedulers.${other}, which is ${shorter}, `;
  fault(`schedulers.${longer}`, `${beside}must be at most ${key}, which is ${length}`);
}

/** A value that is repeated is repeated as it is. */
function checkSame(run: RunKeys, fault: Fault) {
  const differ = (path: string, other: string, value: unknown) =>
    fault(path, `must agree with ${other}, which is ${JSON.stringify(value)}`);
  for (const [copy, of] of copies) {
    const [here, there] = [valueAt(run, copy), valueAt(run, of)];
    if (isGiven(here) && !isSame(here, there)) differ(copy, of, there);
  }
  const folder = join(run.paths.outdir, "checkpoints");
  const saves = run.checkpoint.checkpoint_manager?.save_checkpointdir;
  if (saves !== undefined && join(saves) !== folder) {
    fault("checkpoint.checkpoint_manager.save_checkpointdir", `must be ${folder}`);
  }
}

/** A slot of the host buffer is in the hands of the step, also where its size is written elsewhere. */
function checkBuffer({ datasets: { buffer_capacity, loader } }: RunKeys, fault: Fault) {
  if (buffer_capacity !== undefined && buffer_capacity <= loader.read_ahead) {
    const message = `must be above datasets.loader.read_ahead, which is ${loader.read_ahead}`;
    fault("datasets.buffer_capacity", message);
  }
}

/** What DeepSpeed's section says of numbers, ours says elsewhere. */
function checkDeepspeed({ deepspeed, quantization, optimizers }: RunKeys, fault: Fault) {
  if (deepspeed === undefined) return;
  for (const [key, dtype] of [
    ["fp16", "float16"],
    ["bf16", "bfloat16"],
  ] as const) {
    if (deepspeed[key].enabled && quantization !== dtype) {
      fault(`deepspeed.${key}.enabled`, `must be false where quantization is ${quantization}`);
    }
  }
  const clip = deepspeed.gradient_clipping;
  if (clip !== undefined && clip !== (optimizers.clip_grad ?? 0)) {
    const message = `must agree with optimizers.clip_grad, which is ${optimizers.clip_grad}`;
    fault("deepspeed.gradient_clipping", message);
  }
}

/** The reference platform's list of transforms, and our one word for normalisation. */
function checkTransforms({ datasets }: RunKeys, fault: Fault) {
  const { preprocessor, last_batch_policy, drop_last_policy } = datasets;
  const areBoth = last_batch_policy !== undefined && drop_last_policy !== undefined;
  if (areBoth && (last_batch_policy === "drop") !== drop_last_policy) {
    fault("datasets.last_batch_policy", `must agree with drop_last_policy, ${drop_last_policy}`);
  }
  const { transforms_list, normalize, eps } = preprocessor;
  if (transforms_list === null) return;
  transforms_list.forEach((transform, i) => {
    if (transform.kind === "normalize" && transform.eps !== eps) {
      const at = `datasets.preprocessor.transforms_list.${i}.eps`;
      fault(at, `must agree with datasets.preprocessor.eps, which is ${eps}`);
    }
  });
  const listed = transforms_list.find(({ kind }) => kind === "normalize");
  const wanted = listed?.kind === "normalize" ? listed.method : "none";
  if (normalize !== wanted) {
    fault("datasets.preprocessor.normalize", `must be ${wanted}, as transforms_list says`);
  }
}

function checkHooks({ hooks, datasets, evaluation, paths, schedulers }: RunKeys, fault: Fault) {
  const list = hooks?.hooks_list ?? [];
  list.forEach((hook, i) => {
    const at = `hooks.hooks_list.${i}`;
    if (hook.name === "best_metric_saver") {
      const { metric_name = evaluation.val_metric, compare_fn = evaluation.val_mode } = hook;
      if (metric_name !== evaluation.val_metric) {
        fault(`${at}.metric_name`, `must be evaluation.val_metric, ${evaluation.val_metric}`);
      }
      if (compare_fn !== evaluation.val_mode) {
        fault(`${at}.compare_fn`, `must be evaluation.val_mode, ${evaluation.val_mode}`);
      }
    }
    if (hook.name === "early_stop" && !datasets.split) {
      fault(at, "early_stop needs validations: datasets.split holds nothing out");
    }
    if (hook.name === "best_checkpointer" && hook.checkpointdir !== undefined) {
      const folder = join(paths.outdir, "checkpoints");
      if (join(hook.checkpointdir) !== folder) fault(`${at}.checkpointdir`, `must be ${folder}`);
    }
  });
  const isListed = list.some(({ name }) => name === "weight_decay_schedule");
  if (hooks !== undefined && schedulers.wd_scheduler.enabled && !isListed) {
    const message = "needs the hook weight_decay_schedule in hooks.hooks_list";
    fault("schedulers.wd_scheduler.enabled", message);
  }
}
