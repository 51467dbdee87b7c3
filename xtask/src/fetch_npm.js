// Fetches one package of the npm registry, by name and version, through npm's own parts; resumes a half file.
//
// usage: node fetch_npm.js NPM_FOLDER DESTINATION BYTES NAME VERSION
//
// NPM_FOLDER holds npm (10 or later), whose configuration, package lookup and HTTP client are used, so that the person's
// registry, proxy, certificates and credentials hold. `npm pack` itself starts over after every kill; here the bytes go to
// DESTINATION.part and a later call asks for the rest. The caller checks the sha256 of the whole file.
// Exit: 0 DESTINATION is there, 1 it is not (the reason is on stderr, the half file is kept).
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

const PATIENCE = 6; // attempts in a row that bring no new byte

class GiveUp extends Error {}

/** Bytes, share and speed: redrawn in place on a terminal, else a line every tenth. */
class Progress {
  constructor(label, total, start) {
    Object.assign(this, { label, total, start, begun: Date.now(), drawn: 0, tenth: Math.floor((start * 10) / total) });
  }

  show(have) {
    const [now, tenth, redraw] = [Date.now(), Math.floor((have * 10) / this.total), process.stderr.isTTY];
    if (redraw ? now - this.drawn < 100 && have < this.total : tenth === this.tenth) return;
    Object.assign(this, { drawn: now, tenth });
    const speed = (have - this.start) / Math.max(now - this.begun, 1) / 1e3;
    const share = Math.floor((have * 100) / this.total);
    const size = `${(have / 1e6).toFixed(1)} of ${(this.total / 1e6).toFixed(1)} MB`;
    const line = `    ${this.label}  ${size}  ${share} %  ${speed.toFixed(1)} MB/s`;
    process.stderr.write(redraw ? `\r\x1b[K${line}${have >= this.total ? '\n' : ''}` : `${line}\n`);
  }
}

function size(file) {
  return fs.existsSync(file) ? fs.statSync(file).size : 0;
}

/** Appends to the half file what the server still sends. Returns when the connection ends. */
async function attempt(fetch, url, options, part, total, label) {
  let have = size(part);
  const headers = { 'accept-encoding': 'identity', ...(have ? { range: `bytes=${have}-` } : {}) };
  const response = await fetch(url, { ...options, headers });
  const begins = (response.headers.get('content-range') || '').toLowerCase().replace('bytes ', '').split('-')[0];
  if (response.status === 206 && begins !== String(have)) {
    throw new GiveUp(`the registry answered with another part of ${label} than asked for`);
  }
  if (response.status !== 206) have = 0; // no ranges here: from the beginning
  const file = fs.openSync(part, have ? 'a' : 'w');
  try {
    const progress = new Progress(label, total, have);
    for await (const chunk of response.body) {
      have += chunk.length;
      if (have > total) {
        fs.ftruncateSync(file, 0);
        throw new GiveUp(`the registry sent more of ${label} than the ${total} bytes pinned here`);
      }
      fs.writeSync(file, chunk);
      progress.show(have);
    }
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

function isFinal(error) {
  // What the registry refuses once it refuses always; 408 and 429 ask for patience.
  const refused = /^E4\d\d$/.test(error.code || '') && !['E408', 'E429'].includes(error.code);
  return refused || ['ENOSPC', 'EDQUOT', 'ETARGET', 'ENOVERSIONS'].includes(error.code);
}

async function download(fetch, url, options, destination, total, label) {
  const part = `${destination}.part`;
  if (size(part) > total) fs.truncateSync(part, 0);
  for (let idle = 0; size(part) < total; ) {
    const before = size(part);
    let reason = 'the connection ended early';
    try {
      await attempt(fetch, url, options, part, total, label);
    } catch (error) {
      if (error instanceof GiveUp || isFinal(error)) throw error;
      reason = error.code || error.message;
    }
    if (size(part) >= total) break;
    idle = size(part) > before ? 0 : idle + 1;
    if (idle >= PATIENCE) {
      const kept = `${(size(part) / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB are kept`;
      throw new GiveUp(`no connection after ${PATIENCE} attempts (${reason}); ${kept}`);
    }
    const wait = Math.min(2 ** idle, 15);
    process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}    ${reason}; trying again in ${wait} s\n`);
    await new Promise((resolve) => setTimeout(resolve, wait * 1e3));
  }
  fs.renameSync(part, destination);
}

async function main() {
  const [npmFolder, destination, bytes, name, version] = process.argv.slice(2);
  const fromNpm = createRequire(path.join(npmFolder, 'lib', 'npm.js'));
  const Config = fromNpm('@npmcli/config');
  const { definitions, shorthands, flatten } = fromNpm('@npmcli/config/lib/definitions');
  const argv = process.argv.slice(0, 2);
  const config = new Config({ npmPath: npmFolder, definitions, shorthands, flatten, argv });
  await config.load();
  const options = { ...config.flat, cache: undefined }; // the package is wanted once
  const manifest = await fromNpm('pacote').manifest(`${name}@${version}`, options);
  const label = `${name} ${version}`;
  await download(fromNpm('npm-registry-fetch'), manifest._resolved, options, destination, Number(bytes), label);
}

main().catch((error) => {
  process.stderr.write(`    ${error.message}\n`);
  process.exitCode = 1;
});
