// The thread of a process of Node that reads its input: it hands on each line, and ends the process with the last.

import { readSync } from "node:fs";
import { parentPort } from "node:worker_threads";

const LINE_END = 10;
const chunk = Buffer.alloc(1 << 16);
let line = [];
for (;;) {
  const length = readSync(0, chunk); // waits
  if (length === 0) break;
  for (let start = 0; start < length; ) {
    const end = chunk.subarray(0, length).indexOf(LINE_END, start);
    line.push(Buffer.from(chunk.subarray(start, end < 0 ? length : end)));
    if (end < 0) break;
    parentPort.postMessage(Buffer.concat(line).toString());
    line = [];
    start = end + 1;
  }
}
process.kill(process.pid, "SIGKILL"); // whatever the engine is at
