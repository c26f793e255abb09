// ONNX Runtime's build for browsers (WebAssembly), under Node.js: a model from the command line, tensors from the standard
// input, and theirs to the standard output. A message is a line of JSON and then the bytes of each tensor in turn.
"use strict";
const { createRequire } = require("node:module");
const { join } = require("node:path");
const fs = require("node:fs");
const ort = createRequire(join(process.cwd(), "here"))("onnxruntime-web");

function say(about, arrays = []) {
  fs.writeSync(1, JSON.stringify(about) + "\n");
  for (const array of arrays) {
    const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(1, bytes, at);
  }
}

class Refused extends Error {}

function refused(error) {
  throw new Refused(String(error.message || error)); // what the runtime says, and not a fault of this file
}

const chunk = Buffer.alloc(1 << 16);
let kept = Buffer.alloc(0);

function more() {
  const read = fs.readSync(0, chunk);
  if (read === 0) process.exit(0); // who asked has gone
  return Buffer.from(chunk.subarray(0, read));
}

function line() {
  while (!kept.includes(10)) kept = Buffer.concat([kept, more()]);
  const end = kept.indexOf(10);
  const text = kept.subarray(0, end).toString();
  kept = kept.subarray(end + 1);
  return text;
}

function bytes(length) {
  const parts = [kept];
  let total = kept.length;
  while (total < length) {
    parts.push(more());
    total += parts[parts.length - 1].length;
  }
  const all = Buffer.concat(parts);
  kept = all.subarray(length);
  return all.subarray(0, length);
}

async function main() {
  const [file, threads] = process.argv.slice(2);
  ort.env.wasm.numThreads = Number(threads);
  const how = { executionProviders: ["wasm"], logSeverityLevel: 3 };
  const session = await ort.InferenceSession.create(fs.readFileSync(file), how).catch(refused);
  say({});
  for (;;) {
    const feeds = {};
    JSON.parse(line()).forEach(({ type, shape, length }, place) => {
      const view = new Uint8Array(bytes(length));
      const data = type === "float16" ? Uint16Array : new ort.Tensor(type, [], [0]).data.constructor;
      feeds[session.inputNames[place]] = new ort.Tensor(type, new data(view.buffer, 0), shape);
    });
    const found = await session.run(feeds).catch(refused);
    const tensors = session.outputNames.map((name) => found[name]);
    say(tensors.map(({ type, dims, data }) => ({ type, shape: dims, length: data.byteLength })), tensors.map(({ data }) => data));
  }
}

main().catch((error) => {
  say({ [error instanceof Refused ? "refused" : "error"]: String(error.message || error) });
  process.exit(1);
});
