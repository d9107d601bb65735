#!/usr/bin/env node
// The npm compiler as a `solc` program, for py-solc-x and forge. Only for compiling: nothing else
// in the product needs Node. Understands --version and --standard-json; imports are not followed,
// since the caller gives every source as content.
"use strict";

const fs = require("fs");
const path = require("path");

// Where `npm ci` in contracts/ puts the compiler; NODE_PATH is searched by require itself.
const places = [path.join(__dirname, "..", "contracts"), process.cwd(), path.join(process.cwd(), "contracts")];
const solc = require(require.resolve("solc", { paths: places }));

const VALUED = new Set(["--base-path", "--include-path", "--allow-paths"]);

function inputFile(args) {
  const names = [];
  for (let i = 0; i < args.length; i++) {
    if (VALUED.has(args[i])) i++;
    else if (!args[i].startsWith("-")) names.push(args[i]);
  }
  return names[0];
}

const args = process.argv.slice(2);
if (args.includes("--version")) {
  // py-solc-x reads the version from a native compiler's words.
  const version = solc.version().replace(".Emscripten.clang", ".Linux.g++");
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (args.includes("--standard-json")) {
  const input = fs.readFileSync(inputFile(args) || 0, "utf8");
  const notFound = (name) => ({ error: `${name} was not given to the compiler` });
  process.stdout.write(solc.compile(input, { import: notFound }));
} else {
  process.stderr.write("only --version and --standard-json are supported\n");
  process.exitCode = 1;
}
