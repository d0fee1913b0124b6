// A "model" whose call waits for a known time: what the clock of an engine says of it can be checked.
//
// Its artifact is a JSON file { "seconds": S }; its input is returned.

import { now } from "./clock.mjs";

export async function start({ read }) {
  return {
    versions: { spin: "1" },
    async load(artifact) {
      const { seconds } = JSON.parse(new TextDecoder().decode(await read(artifact)));
      return {
        inputs: [{ name: "input", rank: null }],
        outputs: ["output"],
        async run({ input }) {
          const stop = now() + seconds;
          while (now() < stop);
          return { output: input };
        },
        async dispose() {},
      };
    },
  };
}
