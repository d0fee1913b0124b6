// The clock of this engine, performance.now(), and what it can tell apart.

export const now = () => performance.now() / 1e3;

const STEPS = 200;
const READINGS = 2000;

/** Seconds of the smallest step that the clock was seen to take. */
export function resolution() {
  let least = Infinity;
  let last = performance.now();
  for (let steps = 0; steps < STEPS; ) {
    const next = performance.now();
    if (next > last) {
      least = Math.min(least, next - last);
      steps += 1;
    }
    last = next;
  }
  return least / 1e3;
}

/** Seconds that two readings of the clock and an empty call that is awaited take: the least average of five. */
export async function cost() {
  const empty = () => undefined;
  let least = Infinity;
  for (let repeat = 0; repeat < 5; repeat += 1) {
    const start = performance.now();
    for (let reading = 0; reading < READINGS; reading += 1) {
      performance.now();
      await empty();
      performance.now();
    }
    least = Math.min(least, performance.now() - start);
  }
  return least / 1e3 / READINGS;
}
