// ONNX Runtime Web: wasm with SIMD and threads, or webgpu.

import { Refusal, firstLine, refusing } from "./errors.mjs";
import { webgpuAdapter } from "./gpu.mjs";

export async function start({ backend, threads, isSoftware, packages, load, read, isPage }) {
  const ort = await load(backend === "webgpu" ? "onnxruntime-web/webgpu" : "onnxruntime-web");
  const remark = backend === "webgpu" ? await webgpuAdapter(isSoftware) : "";
  const isThreaded = !isPage || globalThis.crossOriginIsolated;
  ort.env.wasm.numThreads = isThreaded ? (threads ?? 1) : 1;
  if (isPage) ort.env.wasm.wasmPaths = `${packages}/onnxruntime-web/dist/`;
  ort.env.logLevel = "error";
  return {
    versions: { "onnxruntime-web": ort.env.versions.web ?? ort.env.versions.common },
    threads: backend === "wasm" ? ort.env.wasm.numThreads : null,
    remark,
    load: (artifact) =>
      refusing("ConversionError", "ONNX Runtime Web does not load the model", async () => {
        const options = { executionProviders: [backend] };
        return opened(ort, await ort.InferenceSession.create(new Uint8Array(await read(artifact)), options));
      }),
  };
}

function opened(ort, session) {
  const ranks = session.inputMetadata?.map((each) => each.shape?.length ?? null) ?? [];
  return {
    inputs: session.inputNames.map((name, index) => ({ name, rank: ranks[index] ?? null })),
    outputs: session.outputNames,
    async run(call) {
      const feeds = {};
      for (const [name, { dtype, shape, data }] of Object.entries(call)) feeds[name] = new ort.Tensor(dtype, data, shape);
      let results;
      try {
        results = await session.run(feeds);
      } catch (error) {
        throw new Refusal("ConversionError", `ONNX Runtime Web does not run the model: ${firstLine(error)}`);
      }
      const found = {};
      for (const [name, tensor] of Object.entries(results)) {
        found[name] = { dtype: tensor.type, shape: tensor.dims, data: await tensor.getData() };
        tensor.dispose();
      }
      return found;
    },
    async dispose() {
      await session.release();
    },
  };
}
