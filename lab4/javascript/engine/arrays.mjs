// Arrays as { dtype, shape, data }: `dtype` as NumPy calls it, `data` a typed array. Read from .npy files, and written
// as base64 for JSON.

import { Refusal } from "./errors.mjs";

const TYPES = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Uint16Array, // its bits: JavaScript engines of today lack the type
  float32: Float32Array,
  float64: Float64Array,
};

const KINDS = { b: "bool", i: "int", u: "uint", f: "float" };

/** A typed array of a dtype: of so many zeros, or over the bytes of an `ArrayBuffer`. */
export function typed(dtype, content) {
  const Type = TYPES[dtype];
  if (Type === undefined) throw new Refusal("ConversionError", `arrays of ${dtype} are not understood in JavaScript`);
  return new Type(content);
}

/** The same bytes as our arrays of a dtype: engines that know float16 have their own array for it. */
export const ofType = (dtype, { buffer, byteOffset, byteLength }) => {
  const Type = typed(dtype, 0).constructor;
  return new Type(buffer, byteOffset, byteLength / Type.BYTES_PER_ELEMENT);
};

/** How many values an array of this shape has. */
export const sizeOf = (shape) => shape.reduce((product, each) => product * each, 1);

/** Read the content of a .npy file (format 1.0 to 3.0, C order, little-endian), an `ArrayBuffer`. */
export function readNpy(buffer) {
  const view = new DataView(buffer);
  const isLong = view.getUint8(6) > 1;
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = isLong ? 12 : 10;
  const header = new TextDecoder().decode(new Uint8Array(buffer, start, length));
  const [, order, kind, bytes] = /'descr': '([<|=>])([a-zA-Z])(\d*)'/.exec(header) ?? [];
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1].split(",").map((each) => each.trim()).filter(Boolean).map(Number);
  if (kind === undefined || order === ">" || shape === undefined || header.includes("'fortran_order': True")) {
    throw new Refusal("ConversionError", `an array of the examples is not understood in JavaScript: ${header.trim()}`);
  }
  if (!(kind in KINDS)) throw new Refusal("ConversionError", "the examples have texts, which no JavaScript runtime here takes");
  const dtype = kind === "b" ? "bool" : `${KINDS[kind]}${8 * Number(bytes)}`;
  return { dtype, shape, data: typed(dtype, buffer.slice(start + length)) };
}

/** The bytes of a base64 text. */
export const decoded = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

/** Bytes as base64. */
export function encoded(data) {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (typeof Buffer !== "undefined") return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  let text = "";
  const STEP = 0x8000; // more arguments than this overflow the stack
  for (let start = 0; start < bytes.length; start += STEP) text += String.fromCharCode(...bytes.subarray(start, start + STEP));
  return btoa(text);
}
