// LiteRT.js: TFLite files in a page, computed by XNNPACK in wasm.

import { Refusal, firstLine, refusing } from "./errors.mjs";

const HINT = " (inputs and outputs must be float32, int32 or uint8: export the model with float32 ones)";

export async function start({ threads, packages, load, read }) {
  const library = await load("@litertjs/core");
  const isThreaded = (threads ?? 1) > 1 && globalThis.crossOriginIsolated;
  const litert = await refusing("UnavailableError", "LiteRT.js does not start in this browser", () =>
    library.loadLiteRt(`${packages}/@litertjs/core/wasm/`, { threads: isThreaded }),
  );
  return {
    versions: { "@litertjs/core": await version(packages, read) },
    threads: isThreaded ? litert.liteRtWasm.getThreadCount() : 1,
    load: (artifact) =>
      refusing("ConversionError", `LiteRT.js does not load the model${HINT}`, async () =>
        opened(library, new Uint8Array(await read(artifact)), isThreaded ? threads : 1),
      ),
  };
}

async function version(packages, read) {
  return JSON.parse(new TextDecoder().decode(await read(`${packages}/@litertjs/core/package.json`))).version;
}

async function opened(library, bytes, threads) {
  const model = await library.loadAndCompile(bytes, { accelerator: "wasm", cpuOptions: { numThreads: threads } });
  const inputs = model.getInputDetails();
  const outputs = model.getOutputDetails().map((each) => each.name);
  const tensorsOf = (call) => inputs.map(({ name }) => new library.Tensor(call[name].data, call[name].shape));
  const computed = async (tensors) => {
    try {
      return await model.run(tensors);
    } catch (error) {
      throw new Refusal("ConversionError", `LiteRT.js does not run the model: ${firstLine(error)}`);
    }
  };
  return {
    inputs: inputs.map(({ name, shape }) => ({ name, rank: shape.length })),
    outputs,
    async run(call) {
      const tensors = tensorsOf(call);
      const results = await computed(tensors);
      const found = {};
      for (const [index, tensor] of results.entries()) {
        const { dtype, layout } = tensor.type;
        found[outputs[index]] = { dtype, shape: [...layout.dimensions], data: await tensor.data() };
      }
      for (const tensor of [...tensors, ...results]) tensor.delete();
      return found;
    },
    bind(call) {
      const tensors = tensorsOf(call);
      return async () => {
        for (const tensor of await computed(tensors)) tensor.delete();
      };
    },
    async dispose() {
      model.delete();
    },
  };
}
