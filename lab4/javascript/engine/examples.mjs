// The examples of a model, as lab4.inputs.stored writes them: a .npy file for each input, and examples.json.

import { readNpy, sizeOf } from "./arrays.mjs";

/** Read a folder of examples by `read(address, part)`, which returns an `ArrayBuffer`. */
export async function readExamples(folder, read) {
  const index = JSON.parse(new TextDecoder().decode(await read(folder, "examples.json")));
  const arrays = {};
  for (const { name, file } of index.inputs) arrays[name] = readNpy(await read(folder, file));
  return new Examples(arrays, index);
}

class Examples {
  constructor(arrays, index) {
    this.arrays = arrays;
    this.isBatched = index.is_batched;
    this.states = index.states;
    this.count = index.count;
    this.firsts = new Map();
  }

  /** The inputs of the first call, which are put together once. */
  first(batchSize) {
    if (!this.firsts.has(batchSize)) this.firsts.set(batchSize, this.call(0, batchSize));
    return this.firsts.get(batchSize);
  }

  /** The inputs of one call, `batchSize` examples from `start` on; after the last comes the first again. */
  call(start, batchSize) {
    const inputs = {};
    for (const [name, array] of Object.entries(this.arrays)) inputs[name] = this.#part(array, start, batchSize);
    return inputs;
  }

  #part({ dtype, shape, data }, start, batchSize) {
    const size = sizeOf(shape.slice(1));
    const example = (number) => data.subarray((number % this.count) * size, ((number % this.count) + 1) * size);
    if (!this.isBatched) return { dtype, shape: shape.slice(1), data: example(start) };
    const batch = new data.constructor(batchSize * size);
    for (let number = 0; number < batchSize; number += 1) batch.set(example(start + number), number * size);
    return { dtype, shape: [batchSize, ...shape.slice(1)], data: batch };
  }

  /** Where the calls start that have the first `count` examples in them. */
  starts(batchSize, count) {
    const found = [];
    for (let start = 0; start < count; start += this.isBatched ? batchSize : 1) found.push(start);
    return found;
  }
}
