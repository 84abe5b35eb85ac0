// A real OpenID Connect provider for the tests, in memory: `node provider.mjs PORT CLIENT_ID OUR_ORIGIN`, secret in
// CLIENT_SECRET. Its own page asks for a name, and believes it.
import http from 'node:http';

// The provider needs Node.js 20.12 or newer, and this, which came later.
URL.parse ??= (address, base) => (URL.canParse(address, base) ? new URL(address, base) : null);
const { Provider } = await import('oidc-provider');

const [port, clientId, origin] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = {
  anna: { name: 'Anna Marsh', groups: ['staff', 'ward-a'] },
  bert: { name: 'Bert Canteen', groups: ['canteen'] },
  chief: { name: 'Zoë <b>Chief</b>', groups: 'chiefs' },
};

const provider = new Provider(issuer, {
  clients: [{
    client_id: clientId,
    client_secret: process.env.CLIENT_SECRET,
    redirect_uris: [`${origin}/sign-in/oidc/done`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
  }],
  claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'groups'],
  cookies: { keys: ['only for tests'] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => (people[id] ? { accountId: id, claims: () => ({ sub: id, ...people[id] }) } : undefined),
  // The hospital's own client needs nobody's consent.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile groups');
    await grant.save();
    return grant;
  },
});
provider.on('server_error', (_, error) => console.error(error));

const form = `<!doctype html><html lang="en"><title>Test provider</title><form method="post">
<label>Name <input name="login"></label><button>Log in</button></form></html>`;

async function interaction(request, response) {
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.setHeader('Content-Type', 'text/html').end(form);
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const login = new URLSearchParams(body).get('login');
  const refused = { error: 'access_denied', error_description: 'nobody of that name' };
  const result = people[login] ? { login: { accountId: login, remember: true } } : refused;
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
http.createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) {
    answer(request, response);
    return;
  }
  interaction(request, response).catch((error) => response.writeHead(400).end(String(error)));
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
