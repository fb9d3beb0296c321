// Resolves what an ES module imports by NODE_PATH, too, as Lambda's Node.js runtime does since
// version 18; Node.js itself does so for CommonJS modules only.
// https://aws.amazon.com/blogs/compute/node-js-18-x-runtime-now-available-in-aws-lambda/

import path from 'node:path';
import { pathToFileURL } from 'node:url';

const importers = (process.env.NODE_PATH || '')
  .split(path.delimiter)
  .filter((folder) => path.basename(folder) === 'node_modules')
  .map((folder) => pathToFileURL(path.join(folder, '..', 'importer.mjs')).href);

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    const isPackage = !/^(\.|\/|[a-z]+:)/.test(specifier);
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !isPackage) throw error;
    for (const parentURL of importers) {
      try {
        return await next(specifier, { ...context, parentURL });
      } catch {
        // it may be in the next folder
      }
    }
    throw error;
  }
}
