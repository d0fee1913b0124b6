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
