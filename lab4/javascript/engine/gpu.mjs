// What draws for WebGL and WebGPU, by its name: where software does, the name says so.

import { Refusal } from "./errors.mjs";

const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render/i;

/** The name of what draws for WebGL; refused where it is software and a GPU was asked for, or where there is none. */
export function webglRenderer(isSoftware) {
  const context = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (context === null) throw new Refusal("UnavailableError", `the browser has no WebGL 2; ${REMEDY}`);
  const extension = context.getExtension("WEBGL_debug_renderer_info");
  return checked(extension ? String(context.getParameter(extension.UNMASKED_RENDERER_WEBGL)) : "", isSoftware);
}

/** The name of WebGPU's adapter; refused as that of WebGL. */
export async function webgpuAdapter(isSoftware) {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter();
  if (!adapter) throw new Refusal("UnavailableError", `the browser has no adapter for WebGPU; ${REMEDY}`);
  const { vendor, architecture, description } = adapter.info;
  return checked([vendor, architecture, description].filter(Boolean).join(" "), isSoftware);
}

const REMEDY = "use a machine with a GPU and its driver, or a later Chromium";

function checked(name, isSoftware) {
  if (!isSoftware && SOFTWARE.test(name)) {
    throw new Refusal("UnavailableError", `the browser does not use a GPU here, it draws in software (${name}); ${REMEDY}`);
  }
  return isSoftware ? `in software: ${name}` : name;
}
