import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { silentLog } from '@camstream/core';
import {
  Authenticator,
  basicCredentials,
  createLogger,
  digestCredentials,
  digestResponse,
  Gate,
  HttpServer,
  healthRoute,
  parseAuthHeader,
  parseAuthParameters,
  type Routes,
  serveRoutes,
} from '@camstream/producer';
import sharp from 'sharp';
import t, { type Test } from 'tap';

const run = promisify(execFile);
const account = { user: 'operator', password: 'open: "sesame" £' };
const get = { method: 'GET', uri: '/mjpeg/low' };

t.test('basic credentials are those of RFC 7617', async (t) => {
  t.equal(basicCredentials({ user: 'test', password: '123£' }), 'Basic dGVzdDoxMjPCow==');
  const of = new Authenticator({ user: 'Aladdin', password: 'open sesame' });
  const check = (authorization: string | undefined) => of.check({ ...get, authorization });
  t.equal(check('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='), 'admitted');
  t.equal(check('basic  QWxhZGRpbjpvcGVuIHNlc2FtZQ== '), 'admitted', 'schemes have no case');
  t.equal(check(undefined), 'missing');
  for (const wrong of ['Aladdin:open', 'aladdin:open sesame', ':', 'Aladdin:open sesame ', 'Aladdin:'])
    t.equal(check(`Basic ${Buffer.from(wrong).toString('base64')}`), 'wrong', wrong);
  for (const malformed of [
    '',
    'Basic',
    'Basic ',
    'Basic !',
    'Basic QQ==',
    'Bearer x',
    `Basic ${'A'.repeat(9000)}`,
  ])
    t.equal(check(malformed), 'malformed', malformed.slice(0, 40));
});

t.test('digest responses are those of the examples in RFC 7616 and RFC 2069', async (t) => {
  const example = {
    realm: 'http-auth@example.org',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    method: 'GET',
    uri: '/dir/index.html',
    qop: { nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
  };
  const mufasa = { user: 'Mufasa', password: 'Circle of Life' };
  t.equal(digestResponse(mufasa, { ...example, algorithm: 'MD5' }), '8ca523f5e9506fed4657c9700eebdbec');
  t.equal(
    digestResponse(mufasa, { ...example, algorithm: 'SHA-256' }),
    '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  );
  const old = { realm: 'testrealm@host.com', nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', qop: undefined };
  t.equal(
    digestResponse({ user: 'Mufasa', password: 'CircleOfLife' }, { ...example, ...old, algorithm: 'MD5' }),
    '1949323746fe6a43ef61f9606e7febea',
  );
});

t.test('digest: each hash, with and without qop, for this account, method and address only', async (t) => {
  const of = new Authenticator(account);
  const check = (header: string, request = get) => of.check({ ...request, authorization: header });
  for (const protocol of ['http', 'rtsp'] as const) {
    for (const offered of of.challenges('missing', protocol).filter((text) => text.startsWith('Digest '))) {
      t.equal(check(answer(offered)), 'admitted', offered);
      t.equal(check(answer(offered, { password: 'open' })), 'wrong');
      t.equal(check(answer(offered, { user: 'root' })), 'wrong');
      t.equal(check(answer(offered), { ...get, method: 'HEAD' }), 'wrong', 'another method');
      t.equal(check(answer(offered), { ...get, uri: '/mjpeg/medium' }), 'malformed', 'another address');
      t.equal(check(answer(offered).replace('realm="camstream"', 'realm="other"')), 'wrong');
    }
  }
  t.notMatch(of.challenges('missing', 'rtsp').join(), /qop/, 'clients of RFC 2069 do not know it');
});

t.test('a digest made for the address outside a proxy, or for the stream of a track, is taken', async (t) => {
  const of = new Authenticator(account);
  const [offered = ''] = of.challenges('missing', 'rtsp');
  const check = (made: string, uri: string) =>
    of.check({ method: 'SETUP', uri, authorization: answer(offered, { method: 'SETUP', uri: made }) });
  t.equal(check('/cameras/hall/mjpeg/low?fps=5', '/mjpeg/low?fps=5'), 'admitted');
  t.equal(check('rtsp://host:8554/high', 'rtsp://host:8554/high/trackID=0'), 'admitted');
  t.equal(check('rtsp://host:8554/high/', 'rtsp://host:8554/high/trackID=0'), 'admitted');
  t.equal(check('rtsp://host:8554/hi', 'rtsp://host:8554/high/trackID=0'), 'malformed');
  t.equal(check('/', '/mjpeg/low'), 'malformed');
});

t.test('a nonce that is too old, or of an earlier run, is stale; of nobody is wrong', async (t) => {
  let now = 1000;
  const of = new Authenticator(account, () => now);
  const [offered = ''] = of.challenges('missing', 'http');
  const check = (authorization: string) => of.check({ ...get, authorization });
  t.equal(check(answer(offered)), 'admitted');
  now += 299_000;
  t.equal(check(answer(offered)), 'admitted', 'as often as wanted until then');
  now += 2000;
  t.equal(check(answer(offered)), 'stale');
  t.equal(check(answer(offered, { password: 'open' })), 'wrong', 'a wrong password stays wrong');
  t.match(of.challenges('stale', 'http')[0], /stale=true/);
  t.notMatch(of.challenges('wrong', 'http')[0], /stale/);
  const [earlier = ''] = new Authenticator(account, () => now).challenges('missing', 'http');
  t.equal(check(answer(earlier)), 'stale');
  const forged = offered.replace(/nonce="[0-9a-z]+-/, 'nonce="zzzzzz-');
  t.equal(check(answer(forged)), 'stale', 'a time of its own making has no seal');
});

t.test('headers that break the grammar are malformed, at once', async (t) => {
  const parameters = (text: string) => parseAuthParameters(text);
  t.same(
    [...(parameters('a=1, B="x\\"y,z" ,c=/d') ?? [])],
    [
      ['a', '1'],
      ['b', 'x"y,z'],
      ['c', '/d'],
    ],
  );
  for (const broken of [
    '',
    'a',
    'a=',
    'a="',
    'a="x',
    'a=1 b=2',
    'a=1,,b=2',
    'a=1,',
    '=1',
    'a=1,A=2',
    'a="\\',
  ])
    t.equal(parameters(broken), undefined, broken);
  t.equal(parseAuthHeader(` Basic x`), undefined);
  const began = performance.now();
  for (const text of ['a="'.repeat(1300), ' '.repeat(4000), `a=${'\\"'.repeat(2000)}`, 'a=1,'.repeat(1000)])
    t.equal(parameters(text), undefined);
  t.ok(performance.now() - began < 1000, 'no text takes long');
});

t.test('with a password everything wants it, but /health without its reasons', async (t) => {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', format: 'json' }, (line) => lines.push(line));
  const server = await serve(t, log);
  const ask = (path: string, init: RequestInit = {}) => fetch(`${server}${path}`, init);
  const right = { authorization: basicCredentials(account) };
  for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
    for (const path of ['/picture', '/nothing']) {
      const answer = await ask(path, { method });
      t.equal(answer.status, 401, `${method} ${path}`);
      t.equal(answer.headers.get('www-authenticate')?.match(/Digest|Basic/g)?.length, 3);
      t.notMatch(await answer.text(), /picture/, 'a stranger does not learn what is here');
      t.equal(answer.headers.get('access-control-allow-origin'), null);
    }
  }
  const status = async (path: string, method = 'GET') => (await ask(path, { method, headers: right })).status;
  t.same([await status('/picture'), await status('/picture', 'HEAD')], [200, 200]);
  t.same([await status('/nothing'), await status('/picture', 'POST')], [404, 405]);
  const health = await ask('/health');
  t.same([health.status, await health.json()], [503, { status: 'failing' }]);
  const told = await ask('/health', { headers: right });
  t.same(await told.json(), { status: 'failing', reasons: ['camera main: no frames'] });
  const wrong = basicCredentials({ ...account, password: 'guess' });
  t.equal((await ask('/picture', { headers: { authorization: wrong } })).status, 401);
  t.match(lines.join(''), /"from":"127.0.0.1".*a viewer gave a wrong password/);
  t.notMatch(lines.join(''), /sesame|guess/, 'no password is logged, right or wrong');
});

t.test('curl and ffmpeg choose what they know', async (t) => {
  const server = await serve(t);
  const name = `${account.user}:${account.password}`;
  const curl = async (...args: string[]) =>
    (await run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', ...args, `${server}/picture`])).stdout;
  for (const how of ['--basic', '--digest', '--anyauth']) {
    t.equal(await curl(how, '-u', name), '200', how);
    t.equal(await curl(how, '-u', `${account.user}:wrong`), '401', how);
  }
  const url = (password: string) =>
    server.replace('//', `//${account.user}:${encodeURIComponent(password)}@`);
  const ffprobe = (password: string) => run('ffprobe', ['-v', 'error', `${url(password)}/picture`]);
  await t.resolves(ffprobe(account.password));
  await t.rejects(ffprobe('wrong'), /401 Unauthorized/);
});

async function serve(t: Test, log = silentLog): Promise<string> {
  const black = { raw: { width: 16, height: 16, channels: 3 } } as const;
  const data = await sharp(Buffer.alloc(16 * 16 * 3), black)
    .jpeg()
    .toBuffer();
  const routes: Routes = new Map([
    ['/picture', ({ response }) => void response.setHeader('Content-Type', 'image/jpeg').end(data)],
    ['/health', healthRoute(() => ({ reasons: ['camera main: no frames'] }))],
  ]);
  const gate = new Gate(new Authenticator(account), log, 10);
  const addresses = [{ host: '127.0.0.1', optional: false }];
  const server = await HttpServer.listen(
    { addresses, port: 0, maxConnections: 100, log },
    serveRoutes(routes, { gate, open: ['/health'] }),
  );
  t.teardown(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

/** What a client makes of a challenge. */
function answer(challenge: string, changes: Partial<typeof account & typeof get> = {}): string {
  const { user, password, method, uri } = { ...account, ...get, ...changes };
  const offered = parseAuthParameters(challenge.replace(/^Digest /, '')) ?? new Map();
  return digestCredentials({ user, password }, offered, { method, uri }) ?? 'no answer';
}
