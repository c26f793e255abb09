// ONNX Runtime's build for browsers (WebAssembly), under Node.js: a model from the command line, tensors from the standard
// input, and theirs to the standard output. A message is a line of JSON and then the bytes of each tensor in turn.
"use strict";
const { createRequire } = require("node:module");
const { join } = require("node:path");
const fs = require("node:fs");
const ort = createRequire(join(process.cwd(), "here"))("onnxruntime-web");

// Through the stream: the runtime's threads leave the pipe non-blocking, and writing to it directly fails where it is full.
function say(about, arrays = []) {
  const parts = arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  const message = Buffer.concat([Buffer.from(JSON.stringify(about) + "\n"), ...parts]);
  return new Promise((done, failed) => process.stdout.write(message, (error) => (error ? failed(error) : done())));
}

class Refused extends Error {}

function refused(error) {
  throw new Refused(String(error.message || error)); // what the runtime says, and not a fault of this file
}

const input = process.stdin[Symbol.asyncIterator]();
let kept = Buffer.alloc(0);

async function more() {
  const { done, value } = await input.next();
  if (done) process.exit(0); // who asked has gone
  return value;
}

async function line() {
  while (!kept.includes(10)) kept = Buffer.concat([kept, await more()]);
  const end = kept.indexOf(10);
  const text = kept.subarray(0, end).toString();
  kept = kept.subarray(end + 1);
  return text;
}

async function bytes(length) {
  const parts = [kept];
  let total = kept.length;
  while (total < length) {
    parts.push(await more());
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
  await say({});
  for (;;) {
    const feeds = {};
    for (const [place, { type, shape, length }] of JSON.parse(await line()).entries()) {
      const view = new Uint8Array(await bytes(length));
      const data = type === "float16" ? Uint16Array : new ort.Tensor(type, [], [0]).data.constructor;
      feeds[session.inputNames[place]] = new ort.Tensor(type, new data(view.buffer, 0), shape);
    }
    const found = await session.run(feeds).catch(refused);
    const tensors = session.outputNames.map((name) => found[name]);
    await say(tensors.map(({ type, dims, data }) => ({ type, shape: dims, length: data.byteLength })), tensors.map(({ data }) => data));
  }
}

main().catch(async (error) => {
  await say({ [error instanceof Refused ? "refused" : "error"]: String(error.message || error) });
  process.exit(1);
});
