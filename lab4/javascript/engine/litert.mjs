// LiteRT.js: TFLite files in a page, computed by XNNPACK in wasm.

import { decoded } from "./arrays.mjs";
import { firstLine, refused, refusing } from "./errors.mjs";

/** What LiteRT.js says of types that it lacks, and what that means. */
const OF_TYPES = /(DType|Element type) .* is not supported/;
const HINT = " (inputs and outputs must be float32, int32 or uint8: export the model with float32 ones)";

/** What LiteRT.js prints where it lacks an operator; it computes zeros then. Without a delegate it computes all the same. */
const OF_OPERATORS = /unresolved|Didn't find op|^(?!.*Delegate).*failed to prepare/;
let lacking = "";
const { error: print } = console;
console.error = (...words) => {
  const line = words.join(" ");
  if (OF_OPERATORS.test(line)) lacking ||= line.replace(/^ERROR: /, "");
  print.apply(console, words);
};

/** A model of one Relu: LiteRT.js starts its pool, its memory and XNNPACK with its first model. */
const SMALLEST =
  "GAAAAFRGTDMAAA4AFAAQAAwACAAAAAQADgAAABAAAAAcAAAA0AAAAAMAAAABAAAACAAAAAQABAAEAAAAAQAAABAAAAAMABQAEAAM" +
  "AAgABAAMAAAAEAAAADwAAABAAAAARAAAAAEAAAAQAAAAAAAKAAwAAAAIAAQACgAAAAgAAAAMAAAAAQAAAAEAAAABAAAAAAAAAAEA" +
  "AAABAAAAAQAAAAAAAAACAAAAMAAAAAQAAADk////CAAAAAwAAAABAAAAeQAAAAEAAAABAAAADAAMAAgAAAAAAAQADAAAAAgAAAAM" +
  "AAAAAQAAAHgAAAABAAAAAQAAAAEAAAAQAAAADAAMAAsAAAAAAAQADAAAABMAAAAAAAAT";

export async function start({ threads, packages, load, read }) {
  const library = await load("@litertjs/core");
  const isThreaded = (threads ?? 1) > 1 && globalThis.crossOriginIsolated;
  const litert = await refusing("UnavailableError", "LiteRT.js does not start in this browser", () =>
    library.loadLiteRt(`${packages}/@litertjs/core/wasm/`, { threads: isThreaded }),
  );
  const used = isThreaded ? Math.min(threads, litert.liteRtWasm.getThreadCount()) : 1;
  await (await opened(library, decoded(SMALLEST), used)).dispose();
  return {
    versions: { "@litertjs/core": await version(packages, read) },
    threads: used,
    async load(artifact) {
      const bytes = new Uint8Array(await read(artifact));
      try {
        return await opened(library, bytes, used);
      } catch (error) {
        throw refused("LiteRT.js does not load the model", error, OF_TYPES.test(firstLine(error)) ? HINT : "");
      }
    },
  };
}

async function version(packages, read) {
  return JSON.parse(new TextDecoder().decode(await read(packages, "@litertjs/core/package.json"))).version;
}

async function opened(library, bytes, threads) {
  const model = await library.loadAndCompile(bytes, { accelerator: "wasm", cpuOptions: { numThreads: threads } });
  const inputs = model.getInputDetails();
  const outputs = model.getOutputDetails().map((each) => each.name);
  const tensorsOf = (call) => inputs.map(({ name }) => new library.Tensor(call[name].data, call[name].shape));
  const computed = async (tensors) => {
    const results = await model.run(tensors);
    if (lacking === "") return results;
    const words = lacking;
    lacking = "";
    freed(results);
    throw new Error(words);
  };
  const freed = (tensors) => tensors.forEach((each) => each.delete());
  const refusal = (error) => refused("LiteRT.js does not run the model", error);
  let bound = [];
  return {
    inputs: inputs.map(({ name, shape }) => ({ name, rank: shape.length })),
    outputs,
    async run(call) {
      let tensors = [];
      let results = [];
      try {
        tensors = tensorsOf(call);
        results = await computed(tensors);
        const found = {};
        for (const [index, tensor] of results.entries()) {
          const { dtype, layout } = tensor.type;
          found[outputs[index]] = { dtype, shape: [...layout.dimensions], data: await tensor.data() };
        }
        return found;
      } catch (error) {
        throw refusal(error);
      } finally {
        freed(tensors);
        freed(results);
      }
    },
    bind(call) {
      const tensors = tensorsOf(call);
      bound.push(...tensors);
      return async () => {
        try {
          freed(await computed(tensors));
        } catch (error) {
          throw refusal(error);
        }
      };
    },
    async dispose() {
      freed(bound);
      bound = [];
      model.delete();
    },
  };
}
