// ONNX Runtime Web: wasm with SIMD and threads, or webgpu.

import { decoded } from "./arrays.mjs";
import { refused, refusing } from "./errors.mjs";
import { webgpuAdapter } from "./gpu.mjs";

/** A model of one Relu: ONNX Runtime Web starts its wasm, and finds out whether it has threads, with its first model. */
const SMALLEST = "CAk6MgoMCgF4EgF5IgRSZWx1EgBaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgQKABAR";

export async function start({ backend, threads, isSoftware, packages, load, read, isPage }) {
  const ort = await load(backend === "webgpu" ? "onnxruntime-web/webgpu" : "onnxruntime-web");
  const remark = backend === "webgpu" ? await webgpuAdapter(isSoftware) : "";
  const isThreaded = !isPage || globalThis.crossOriginIsolated;
  ort.env.wasm.numThreads = isThreaded ? (threads ?? 1) : 1;
  if (isPage) ort.env.wasm.wasmPaths = `${packages}/onnxruntime-web/dist/`;
  ort.env.logLevel = "error";
  const create = (bytes) => ort.InferenceSession.create(bytes, { executionProviders: [backend] });
  await refusing("UnavailableError", "ONNX Runtime Web does not start here", async () =>
    (await create(decoded(SMALLEST))).release(),
  );
  return {
    versions: { "onnxruntime-web": ort.env.versions.web ?? ort.env.versions.common },
    threads: backend === "wasm" ? ort.env.wasm.numThreads : null,
    remark,
    async load(artifact) {
      const bytes = new Uint8Array(await read(artifact));
      try {
        return opened(ort, await create(bytes));
      } catch (error) {
        throw refused("ONNX Runtime Web does not load the model", error);
      }
    },
  };
}

function opened(ort, session) {
  const ranks = session.inputMetadata?.map((each) => each.shape?.length ?? null) ?? [];
  return {
    inputs: session.inputNames.map((name, index) => ({ name, rank: ranks[index] ?? null })),
    outputs: session.outputNames,
    async run(call) {
      const feeds = {};
      let results;
      try {
        for (const [name, { dtype, shape, data }] of Object.entries(call)) feeds[name] = new ort.Tensor(dtype, data, shape);
        results = await session.run(feeds);
      } catch (error) {
        throw refused("ONNX Runtime Web does not run the model", error);
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
