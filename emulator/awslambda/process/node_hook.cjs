// Stands in for the native half of AWS's Node.js runtime client, and for its clock.
//
// AWS's client talks to the Runtime API through `rapid-client.node` (C++ and libcurl); here that is
// HTTP by Node.js itself. Everything else (handlers, callbacks, streams, errors, log formats) is
// AWS's code: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client

'use strict';

const dns = require('dns');
const fs = require('fs');
const http = require('http');
const Module = require('module');


const CONTROL_DESCRIPTOR = 3;
const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

// --- the clock: real time and the offset that each invocation brings ---------------------------

const RealDate = Date;
const realNow = Date.now;
let offset = Number(process.env.EMULATOR_CLOCK_OFFSET_SECONDS || 0) * 1000;
delete process.env.EMULATOR_CLOCK_OFFSET_SECONDS;

RealDate.now = () => realNow() + offset;
globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(realNow() + offset).toString(),
  construct: (target, values, newTarget) =>
    Reflect.construct(target, values.length ? values : [realNow() + offset], newTarget),
});
RealDate.prototype.constructor = globalThis.Date;

// --- calls to AWS itself: stopped, as for Python functions (network_guard.py) ------------------

const AWS =
  /^((.+\.)?(amazonaws\.(com(\.cn)?|eu)|api\.aws|on\.aws)|169\.254\.\d+\.\d+)$/i;
const allowedHostsFile = process.env.EMULATOR_ALLOWED_HOSTS_FILE;
delete process.env.EMULATOR_ALLOWED_HOSTS_FILE;
const lookup = dns.lookup;

function isAllowed(host) {
  let patterns = [];
  try {
    patterns = fs.readFileSync(allowedHostsFile, 'utf8').split(/\s+/).filter(Boolean);
  } catch {
    return false;
  }
  return patterns.some((pattern) => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
    return new RegExp(`^${escaped}$`).test(host.toLowerCase());
  });
}

dns.lookup = function (host, options, callback) {
  const name = String(host).replace(/\.$/, '');
  if (!AWS.test(name) || isAllowed(name)) return lookup.call(dns, host, options, callback);
  const message =
    `the emulator stopped a call to ${name}, which is AWS itself: leave the endpoint to` +
    ` AWS_ENDPOINT_URL (${process.env.AWS_ENDPOINT_URL}) to have it emulated,` +
    ` or allow it with \`emulator up --allow-host ${name}\``;
  process.stderr.write(`[WARN] ${message}\n`);
  process.nextTick(callback || options, new Error(message));
};

// --- the Runtime API ---------------------------------------------------------------------------

function call(method, path, body, headers) {
  return new Promise((resolve) => {
    const options = { hostname, port, method, agent, headers, path: '/2018-06-01/runtime' + path };
    const request = http.request(options, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ response, body: Buffer.concat(pieces) }));
    });
    // The emulator has let go of this environment, or has died.
    request.on('error', () => process.exit(0));
    request.end(body);
  });
}

async function next() {
  const { response, body } = await call('GET', '/invocation/next');
  if (response.statusCode !== 200) process.exit(0);
  offset = Number(response.headers['emulator-clock-offset-seconds']) * 1000;
  delete response.headers['emulator-clock-offset-seconds'];
  return { bodyJson: body.toString(), headers: response.headers };
}

function done(id, body) {
  const bytes = Buffer.from(body);
  call('POST', `/invocation/${id}/response`, bytes, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
  });
}

// After an uncaught exception the process ends at once, before any HTTP request could leave: an
// error is written to the inherited control socket, as the frame that it would become.
function error(id, body) {
  const bytes = Buffer.from(body);
  const header = { kind: 'error', max_memory_bytes: process.resourceUsage().maxRSS * 1024 };
  const head = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(head.length, 0);
  lengths.writeUInt32BE(bytes.length, 4);
  const frame = Buffer.concat([lengths, head, bytes]);
  for (let sent = 0; sent < frame.length; ) {
    sent += fs.writeSync(CONTROL_DESCRIPTOR, frame, sent);
  }
}

// Only until the client has asked for it, which is before any code of the user's runs.
const load = Module._load;
Module._load = function (request, ...rest) {
  if (!request.endsWith('rapid-client.node')) return load.call(this, request, ...rest);
  Module._load = load;
  return { initializeClient() {}, next, done, error };
};
