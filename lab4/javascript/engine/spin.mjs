// A "model" whose call waits for a known time, and allocates nothing: what the clock of an engine says of it, and of its
// memory, can be checked.
//
// Its artifact is a JSON file { "seconds": S }; its input is returned.

import { now } from "./clock.mjs";

export async function start({ read }) {
  return {
    versions: { spin: "1" },
    async load(artifact) {
      const { seconds } = JSON.parse(new TextDecoder().decode(await read(artifact)));
      const spin = () => {
        const stop = now() + seconds;
        while (now() < stop);
      };
      return {
        inputs: [{ name: "input", rank: null }],
        outputs: ["output"],
        async run({ input }) {
          spin();
          return { output: input };
        },
        bind: () => spin,
        async dispose() {},
      };
    },
  };
}
