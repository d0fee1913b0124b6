// What a process of Node and a page have in common: artifacts in one runtime, and the clock around their calls.
//
// `handle(request)` takes { method, ...arguments } and returns what goes back as JSON. `place` is where it runs:
// `read(address, part)` returns the `ArrayBuffer` of a file, or of a part in a folder, `packages` is where the npm packages
// are, `load(package)` opens one of them, `versions()` names its own, and `isPage` says which of both it is. All seconds are
// of the clock in clock.mjs.

import { encoded, ofType, sizeOf, typed } from "./arrays.mjs";
import { cost, now, resolution } from "./clock.mjs";
import { Refusal } from "./errors.mjs";
import { readExamples } from "./examples.mjs";

const MODULES = {
  tfjs: () => import("./tfjs.mjs"),
  onnxruntime: () => import("./onnxruntime.mjs"),
  litert: () => import("./litert.mjs"),
  spin: () => import("./spin.mjs"),
};

export function engine(place) {
  const models = new Map();
  const examplesOf = new Map();
  let runtime = null;
  let last = 0;

  async function examples(folder) {
    if (!examplesOf.has(folder)) {
      examplesOf.clear();
      examplesOf.set(folder, await readExamples(folder, place.read));
    }
    return examplesOf.get(folder);
  }

  /** The inputs of a call by the artifact's names; `names` has, for each, the name among the examples. */
  function named(call, names) {
    return Object.fromEntries(Object.entries(names).map(([own, name]) => [own, call[name]]));
  }

  /** The inputs of the first call as a model takes them: converted before the clock starts, as in Python. */
  const prepared = (model, inputs) => model.prepare?.(inputs) ?? inputs;

  const methods = {
    /** Keep the processor at work for so long: an answer says that the engine is there, and which process it is in. */
    async work({ seconds }) {
      const stop = now() + seconds;
      while (now() < stop);
      return {};
    },

    /** Open the runtime: its module, the backend in it, and the threads that it shall use. */
    async start({ module, backend, threads, is_software: isSoftware }) {
      runtime = await (await MODULES[module]()).start({ backend, threads, isSoftware, ...place });
      const { threads: used, remark } = runtime;
      const versions = { ...runtime.versions, ...(await place.versions()) };
      return { versions, threads: used ?? null, remark: remark ?? "", resolution_s: resolution(), cost_s: await cost() };
    },

    /** Read the examples and free what that has left, before memory is measured. */
    async read({ folder, batch_size }) {
      (await examples(folder)).first(batch_size);
      globalThis.gc?.();
      return {};
    },

    /** Load an artifact, which waits for its inputs' names. */
    async load({ artifact }) {
      const start = now();
      const model = await runtime.load(artifact);
      const load_s = now() - start;
      models.set((last += 1), { model });
      return { number: last, load_s, inputs: model.inputs, outputs: model.outputs };
    },

    /** Call it for the first time, with a call of the examples; returns seconds. */
    async first({ number, names, folder, batch_size }) {
      const opened = models.get(number);
      opened.examples = await examples(folder);
      opened.names = names;
      opened.batchSize = batch_size;
      const inputs = prepared(opened.model, named(opened.examples.first(batch_size), names));
      const start = now();
      await opened.model.run(inputs);
      const seconds = now() - start;
      opened.call = () => opened.model.run(inputs);
      opened.computeOnly = (await opened.model.bind?.(inputs)) ?? null;
      return { first_call_s: seconds, has_compute_only: opened.computeOnly !== null };
    },

    /** Seconds of each of `count` calls, in order; fewer, where `limit_s` is over. */
    async calls({ number, count, limit_s, compute_only }) {
      const call = callOf(number, compute_only);
      const seconds = [];
      const stop = now() + limit_s;
      let end = now();
      while (seconds.length < count && (end < stop || seconds.length < 2)) {
        const start = now();
        await call();
        end = now();
        seconds.push(end - start);
      }
      return { seconds };
    },

    /** Seconds per call, each the mean of `iterations` calls, for `seconds`; `uncounted` calls before them. */
    async time({ number, seconds, iterations, uncounted, compute_only }) {
      const call = callOf(number, compute_only);
      const samples = [];
      for (let index = 0; index < uncounted; index += 1) await call();
      let end = now();
      const stop = end + seconds;
      do {
        const start = now();
        for (let index = 0; index < iterations; index += 1) await call();
        end = now();
        samples.push((end - start) / iterations);
      } while (end < stop);
      return { samples };
    },

    /** Seconds from the artifact's file to its first result, for each of so many loads. */
    async loads({ artifact, names, folder, batch_size, count }) {
      const inputs = named((await examples(folder)).first(batch_size), names);
      const seconds = [];
      for (let index = 0; index < count; index += 1) {
        const start = now();
        const model = await runtime.load(artifact);
        try {
          await model.run(prepared(model, inputs));
          seconds.push(now() - start);
        } finally {
          await model.dispose();
        }
      }
      return { seconds };
    },

    /** The outputs of the first `count` examples, or of all: of each call, one after the other. */
    async predict({ number, count }) {
      const { model, examples: all, names, batchSize } = models.get(number);
      const outputs = {};
      let previous = null;
      for (const start of all.starts(batchSize, count ?? all.count)) {
        const call = all.call(start, batchSize);
        if (previous) for (const [name, output] of Object.entries(all.states)) call[name] = previous[output];
        previous = await model.run(prepared(model, named(call, names)));
        for (const [name, array] of Object.entries(previous)) (outputs[name] ??= []).push(array);
      }
      return { outputs: Object.fromEntries(Object.entries(outputs).map(([name, arrays]) => [name, joined(arrays)])) };
    },

    async close({ number }) {
      const opened = models.get(number);
      models.delete(number);
      await opened?.model.dispose();
      return {};
    },
  };

  function callOf(number, computeOnly) {
    const opened = models.get(number);
    return computeOnly ? opened.computeOnly : opened.call;
  }

  return async function handle({ method, ...given }) {
    try {
      return { result: await methods[method](given) };
    } catch (error) {
      if (error instanceof Refusal) return { refused: error.kind, message: error.message };
      return { raised: String(error?.stack ?? error) };
    }
  };
}

/** Arrays of one dtype and shape as one, with their number as its first dimension. */
function joined(arrays) {
  const { dtype, shape } = arrays[0];
  const size = sizeOf(shape);
  const data = typed(dtype, arrays.length * size);
  arrays.forEach((each, index) => {
    if (String(each.shape) !== String(shape)) {
      const shapes = `[${shape}] and [${each.shape}]`;
      throw new Refusal("ConversionError", `outputs of several shapes, ${shapes}, cannot be compared; give the model inputs whose outputs have one`);
    }
    data.set(ofType(dtype, each.data), index * size);
  });
  return { dtype, shape: [arrays.length, ...shape], data: encoded(data) };
}
