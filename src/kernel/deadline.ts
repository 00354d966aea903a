/**
 * An end to waiting that holds: the signal fires for as long as it is not disposed of. Those that
 * `AbortSignal.any` makes of `AbortSignal.timeout`, and that `Request` makes of its `signal`, hold their
 * sources weakly in Node 20: a collection of garbage meanwhile, and they never fire.
 */
export interface Deadline extends Disposable {
  /** Aborted with a `TimeoutError` when the time is over, or with the reason of the outer signal. */
  readonly signal: AbortSignal;
}

/** @param outer - Ends the waiting too. */
export function startDeadline(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const end = (): void => controller.abort(outer?.reason);
  const timer = setTimeout(() => {
    controller.abort(new DOMException('the time is over', 'TimeoutError'));
  }, ms);
  if (outer?.aborted === true) end();
  else outer?.addEventListener('abort', end, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', end);
    },
  };
}
