// The program of a Node.js execution environment: AWS's runtime client around the user's handler.

import { existsSync, readFileSync } from 'node:fs';
import { register } from 'node:module';
import path from 'node:path';

const root = process.env.LAMBDA_TASK_ROOT;
const handler = process.env._HANDLER;
const [, , client] = process.argv;
process.argv.splice(2);

// A hook on imports costs a thread: only a handler that is an ES module pays for it.
function isModule() {
  const folder = path.resolve(root, path.dirname(handler));
  const file = path.join(folder, path.basename(handler).split('.')[0]);
  if (existsSync(`${file}.mjs`)) return true;
  for (let place = folder; existsSync(`${file}.js`); place = path.dirname(place)) {
    try {
      return JSON.parse(readFileSync(path.join(place, 'package.json'))).type === 'module';
    } catch {
      if (place === path.dirname(place)) return false;
    }
  }
  return false;
}

if (isModule()) register(new URL('node_resolve.mjs', import.meta.url));
const { run } = await import(client);
await run(root, handler);
