// The engine in a page: it asks its server for the next request, and posts the answer.

import { engine } from "./engine.mjs";

const packages = new URL("../packages", import.meta.url).href;
const SCRIPTS = /^@tensorflow\/(.*)$/;
const MODULES = {
  "onnxruntime-web": "onnxruntime-web/dist/ort.wasm.min.mjs",
  "onnxruntime-web/webgpu": "onnxruntime-web/dist/ort.webgpu.min.mjs",
  "@litertjs/core": "@litertjs/core/dist/index.js",
};

/** TensorFlow.js's packages are scripts that add to one global object; others are modules. */
async function load(name) {
  const script = SCRIPTS.exec(name)?.[1];
  if (script === undefined) return import(`${packages}/${MODULES[name]}`);
  await new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = `${packages}/${name}/dist/${script.replace("tfjs-", "tf-")}.min.js`;
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${element.src} does not load`));
    document.head.append(element);
  });
  return globalThis.tf;
}

async function read(address, part) {
  const parts = part === undefined ? [] : part.split("/").map(encodeURIComponent);
  const answer = await fetch([address, ...parts].join("/"), { cache: "no-store" });
  if (!answer.ok) throw new Error(`${part ?? address}: ${answer.status} ${answer.statusText}`);
  return answer.arrayBuffer();
}

/** The browser's version: in full where it says it. */
async function versions() {
  const { fullVersionList = [] } = (await navigator.userAgentData?.getHighEntropyValues(["fullVersionList"])) ?? {};
  const own = fullVersionList.find(({ brand }) => brand.startsWith("Chrom") || brand.includes("Chrome"));
  return { [own?.brand ?? "browser"]: own?.version ?? navigator.userAgent };
}

const NOTHING_YET = 204;
const handle = engine({ packages, load, read, versions, isPage: true });
for (;;) {
  const next = await fetch("../next", { cache: "no-store" });
  if (next.status === NOTHING_YET) continue;
  await fetch("../answer", { method: "POST", body: JSON.stringify(await handle(await next.json())) });
}
