// TensorFlow.js: layers and graph models, on its wasm, cpu, webgl or webgpu backend.

import { Refusal, refusing } from "./errors.mjs";
import { webglRenderer, webgpuAdapter } from "./gpu.mjs";

const CORE = ["tfjs-core", "tfjs-backend-cpu", "tfjs-layers", "tfjs-converter"];
const DRAWN_BY = { webgl: webglRenderer, webgpu: webgpuAdapter };
/** The dtypes of TensorFlow.js, by those of arrays that fit in them. */
const DTYPES = {
  float32: "float32",
  float64: "float32",
  int32: "int32",
  int64: "int32",
  int16: "int32",
  uint16: "int32",
  int8: "int32",
  uint8: "int32",
  bool: "bool",
};

export async function start({ backend, threads, isSoftware, packages, load, read, isPage }) {
  const remark = await DRAWN_BY[backend]?.(isSoftware);
  let tf;
  for (const name of [...CORE, ...(backend === "cpu" ? [] : [`tfjs-backend-${backend}`])]) {
    tf = await load(`@tensorflow/${name}`, tf);
  }
  tf.enableProdMode();
  if (backend === "wasm") {
    tf.wasm.setWasmPaths(`${packages}/@tensorflow/tfjs-backend-wasm/dist/`);
    if (isPage && threads) tf.wasm.setThreadsCount(threads); // the library has none in Node
  }
  const isThere = await tf.setBackend(backend).catch(() => false);
  if (!isThere) throw new Refusal("UnavailableError", `TensorFlow.js cannot start its ${backend} backend here`);
  await tf.ready();
  return {
    versions: { "@tensorflow/tfjs-core": tf.version_core },
    threads: backend === "wasm" ? await threadsOf(tf, isPage) : backend === "cpu" ? 1 : null,
    remark,
    load: (artifact) => refusing("ConversionError", "TensorFlow.js does not load the model", () => open(tf, artifact, read, backend)),
  };
}

/** One thread in Node and where the page is not isolated; else as many as were set, if the threaded build was taken. */
async function threadsOf(tf, isPage) {
  return isPage && (await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT")) ? tf.wasm.getThreadsCount() : 1;
}

async function open(tf, artifact, read, backend) {
  const manifest = JSON.parse(new TextDecoder().decode(await read(`${artifact}/model.json`)));
  const specs = [];
  const parts = [];
  for (const group of manifest.weightsManifest) {
    specs.push(...group.weights);
    for (const path of group.paths) parts.push(new Uint8Array(await read(`${artifact}/${path}`)));
  }
  const handler = tf.io.fromMemory({
    modelTopology: manifest.modelTopology,
    weightSpecs: specs,
    weightData: concatenated(parts),
    format: manifest.format,
    generatedBy: manifest.generatedBy,
    convertedBy: manifest.convertedBy,
    signature: manifest.signature,
    userDefinedMetadata: manifest.userDefinedMetadata,
  });
  const isGraph = manifest.format === "graph-model";
  const model = isGraph ? await tf.loadGraphModel(handler) : await tf.loadLayersModel(handler);
  // Tensors of a layers model are numbered when it is loaded again; its layers keep their names.
  const inputs = model.inputs.map((each) => ({
    name: isGraph ? each.name : each.sourceLayer.name,
    rank: each.shape?.length ?? null,
  }));
  const outputs = isGraph ? model.outputs.map((each) => each.name) : model.outputNames;
  const isOnHost = backend === "wasm" || backend === "cpu";

  const tensorsOf = (call) =>
    inputs.map(({ name }) => {
      const { dtype, shape, data } = call[name];
      const own = DTYPES[dtype];
      if (own === undefined) throw new Refusal("ConversionError", `TensorFlow.js has no type for inputs of ${dtype}`);
      const values = own === "float32" ? Float32Array.from(data) : own === "int32" ? Int32Array.from(data, Number) : data;
      return tf.tensor(own === dtype ? data : values, shape, own);
    });
  const computed = (tensors) => {
    const given = isGraph ? Object.fromEntries(inputs.map(({ name }, index) => [name, tensors[index]])) : tensors;
    return [isGraph ? model.execute(given, outputs) : model.predict(given)].flat();
  };

  return {
    inputs,
    outputs,
    async run(call) {
      tf.engine().startScope();
      try {
        const results = computed(tensorsOf(call));
        const found = {};
        for (const [index, tensor] of results.entries()) {
          const data = isOnHost ? tensor.dataSync() : await tensor.data();
          found[outputs[index]] = { dtype: tensor.dtype, shape: tensor.shape, data };
        }
        return found;
      } finally {
        tf.engine().endScope();
      }
    },
    /** The call without copies, where the backend computes before it returns. */
    bind(call) {
      if (!isOnHost) return null;
      const tensors = tensorsOf(call);
      return () => tf.tidy(() => void computed(tensors));
    },
    async dispose() {
      model.dispose();
    },
  };
}

function concatenated(parts) {
  const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole.buffer;
}
