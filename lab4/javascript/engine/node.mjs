// The engine in a process of Node: a line of JSON asks, a line of JSON answers. Ends at the end of its input, in the
// midst of a call too: another thread reads it.
//
// node node.mjs PACKAGES

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

import { engine } from "./engine.mjs";

const packages = process.argv[2];
const require = createRequire(`${packages}/`);

// Libraries write their remarks to standard output, which has the answers.
console.log = console.info = console.debug = console.error;

/** TensorFlow.js's packages add to one object; others are modules of their own. */
async function load(name, before) {
  if (!name.startsWith("@tensorflow/")) return import(pathToFileURL(esm(name)).href);
  const found = require(`${packages}/${name}`);
  return Object.defineProperties({ ...before }, Object.getOwnPropertyDescriptors(name.includes("wasm") ? { wasm: found } : found));
}

const esm = (name) => `${packages}/${name === "onnxruntime-web" ? "onnxruntime-web/dist/ort.node.min.mjs" : name}`;

async function read(path, part = "") {
  const { buffer, byteOffset, byteLength } = await readFile(join(path, part));
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

const handle = engine({ packages, load, read, versions: () => ({ node: process.versions.node }), isPage: false });
new Worker(new URL("lines.mjs", import.meta.url)).on("message", async (line) => {
  process.stdout.write(`${JSON.stringify(await handle(JSON.parse(line)))}\n`);
});
