// TensorFlow.js: layers and graph models, on its wasm, cpu, webgl or webgpu backend.

import { Refusal, refused } from "./errors.mjs";
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
    async load(artifact) {
      try {
        return await open(tf, artifact, read, backend);
      } catch (error) {
        throw refused("TensorFlow.js does not load the model", error);
      }
    },
  };
}

/** One thread in Node and where the page is not isolated; else as many as were set, if the threaded build was taken. */
async function threadsOf(tf, isPage) {
  return isPage && (await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT")) ? tf.wasm.getThreadsCount() : 1;
}

async function open(tf, artifact, read, backend) {
  const manifest = JSON.parse(new TextDecoder().decode(await read(artifact, "model.json")));
  const specs = [];
  const parts = [];
  for (const group of manifest.weightsManifest) {
    specs.push(...group.weights);
    for (const path of group.paths) parts.push(new Uint8Array(await read(artifact, path)));
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

  const tensorsOf = (call) => inputs.map(({ name }) => tf.tensor(call[name].data, call[name].shape, call[name].dtype));
  const computed = (tensors) => {
    const given = isGraph ? Object.fromEntries(inputs.map(({ name }, index) => [name, tensors[index]])) : tensors;
    return [isGraph ? model.execute(given, outputs) : model.predict(given)].flat();
  };
  const refusal = (error) => refused("TensorFlow.js does not run the model", error);
  let bound = [];

  return {
    inputs,
    outputs,
    prepare: (call) => Object.fromEntries(inputs.map(({ name }) => [name, own(call[name])])),
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
      } catch (error) {
        throw refusal(error);
      } finally {
        tf.engine().endScope();
      }
    },
    /** The call without copies, where the backend computes before it returns. */
    bind(call) {
      if (!isOnHost) return null;
      const tensors = tensorsOf(call);
      bound.push(...tensors);
      return () => {
        try {
          tf.tidy(() => void computed(tensors));
        } catch (error) {
          throw refusal(error);
        }
      };
    },
    async dispose() {
      tf.dispose(bound);
      bound = [];
      model.dispose();
    },
  };
}

/** An array in a dtype of TensorFlow.js; as it is, where it has one. */
function own({ dtype, shape, data }) {
  const taken = DTYPES[dtype];
  if (taken === undefined) throw refused("TensorFlow.js does not run the model", `it has no type for inputs of ${dtype}`);
  if (taken === dtype) return { dtype, shape, data };
  return { dtype: taken, shape, data: taken === "int32" ? Int32Array.from(data, Number) : Float32Array.from(data) };
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
