// What goes to Python as a sentence for the user. `kind` is one of `ConversionError`, `UnavailableError`.

export class Refusal extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/** The first line of whatever was thrown. */
export function firstLine(error) {
  const words = String(error?.message ?? error).trim();
  return words.split("\n")[0].slice(0, 400) || String(error);
}

/** Run `work`; what it throws becomes a refusal of `kind` that begins with `words`. */
export async function refusing(kind, words, work) {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(kind, `${words}: ${firstLine(error)}`);
  }
}

const REMEDY = "time the model in another runtime, or replace what this one does not take";
/** What TensorFlow.js says where it has no such operator, or its backend none; others refuse all that does not load. */
const LACKING = /^Unknown (op|layer)\b|^Kernel '.*' not registered for backend/;

/** What a runtime threw at a model, as a refusal: `words` begin it, such as "X does not run the model". */
export function refused(words, error, hint = "") {
  if (error instanceof Refusal) return error;
  const line = firstLine(error).replace(/[.\s]+$/, "");
  const kind = LACKING.test(line) ? "UnavailableError" : "ConversionError";
  return new Refusal(kind, `${words}: ${line}${hint}; ${REMEDY}`);
}
