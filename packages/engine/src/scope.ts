import { engine, type TensorSlot } from "./binding.ts";
import { AsyncScopeError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";
import { TensorCore } from "./tensor-core.ts";

/**
 * Releases every tensor made inside `fn`, except those in what it returns: a tensor, or arrays and
 * plain objects with tensors in them. These move to the scope outside, if there is one.
 *
 * @throws {@link AsyncScopeError} when `fn` is asynchronous: the scope would end before it does.
 */
export function scope<T>(fn: () => T): T {
  const native = engine();
  const depth = native.pushScope();
  const kept: TensorSlot[] = [];
  try {
    const result = fn();
    refusePromise("scope", result);
    collect(result, kept, new Set());
    return result;
  } catch (error) {
    kept.length = 0;
    throw error;
  } finally {
    native.popScope(depth, kept);
  }
}

/** Takes a tensor out of all scopes: it lives until it is released. */
export function keep(x: Tensor): Tensor {
  engine().keep(x.slot);
  return x;
}

/**
 * Bytes that CPU tensors hold, in the whole process: those of tensor objects, of gradients, and of
 * what graphs have saved. Memory of JavaScript's own (`Tensor.over`) is not counted.
 */
export function liveBytes(): number {
  return engine().liveBytes();
}

/** Tensor objects of this thread that were not released. */
export function liveTensors(): number {
  return engine().liveTensors();
}

/** Throws when `result` is a promise: `where` ends before its work does. */
export function refusePromise(where: string, result: unknown): void {
  if (result instanceof Promise) {
    result.catch(() => {}); // its own failure is of no interest any more
    throw new AsyncScopeError(where);
  }
}

function collect(value: unknown, slots: TensorSlot[], seen: Set<object>): void {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof TensorCore) {
    slots.push(value.slot);
    return;
  }
  if (!Array.isArray(value) && !isPlain(value)) return;
  if (seen.has(value)) return;
  seen.add(value);
  for (const part of Object.values(value)) collect(part, slots, seen);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
