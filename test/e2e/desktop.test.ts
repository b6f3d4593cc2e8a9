import { existsSync } from 'node:fs';
import { loadCameraAddon } from '@camstream/core';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { chromiumMissing, pageOf, startChromium } from '../support/chromium.js';
import { distribution } from '../support/distribution.js';
import { MjpegViewer } from '../support/mjpeg-viewer.js';
import { vlcPlayer, watchWith } from '../support/players.js';
import { Service } from '../support/service.js';

// MJPEG where people look at it. In the page pictures are two seconds apart, so that a browser that shows
// one only when the next one comes is found out.

const addon = loadCameraAddon();
const size = { width: 640, height: 480 };
const intervalMs = 2000;
const config = (rate: number, { width, height } = size, name = 'low') => `
cameras: { main: { source: test, mode: { width: ${width}, height: ${height}, rate: ${rate} } } }
rings: {}
streams: { ${name}: { width: ${width}, height: ${height}, rate: ${rate} } }
server: { httpPort: 0, rtspPort: 0 }
`;

t.test(
  'a page in Chromium shows each picture when it is sent, not when the next one is',
  { skip: chromiumMissing ?? false, timeout: 120_000 },
  async (t) => {
    const service = await Service.start(t, { config: config(1000 / intervalMs) });
    const [url] = service.urls('low');
    const browser = await startChromium(t);
    const shown = await watch(t, await pageOf(browser, url, size), url);
    t.comment(`sent to seen in a screenshot, ms: ${distribution(shown)}`);
    t.ok(
      shown.every((ms) => ms < intervalMs),
      'each before the next one was sent',
    );
  },
);

for (const [name, width, height, rate] of [
  ['low', 640, 480, 15],
  ['medium', 1280, 720, 30],
] as const) {
  t.test(
    `VLC plays ${name} (${width}x${height}, ${rate}/s), as an ordinary user`,
    {
      skip: existsSync('/usr/bin/vlc') ? false : 'no vlc: apt-get install vlc-bin vlc-plugin-base',
      timeout: 120_000,
    },
    async (t) => {
      const service = await Service.start(t, { config: config(rate, { width, height }, name) });
      const player = vlcPlayer(service.urls(name)[0], t.testdir());
      const wanted = 30;
      const { codes, pictures, errors, latenciesMs } = await watchWith(
        addon,
        player,
        { format: 'i420', width, height },
        (codes) => (codes.length > wanted ? 'stop' : 'go on'),
      );
      t.comment(`capture to decoded picture, ms: ${distribution(latenciesMs)}`);
      t.ok(codes.length > wanted, `${codes.length} pictures: ${errors}`);
      t.equal(codes.length, pictures, 'every picture can be read');
      const sorted = [...new Set(codes)].sort((a, b) => a - b);
      t.ok(sorted.length > wanted / 2, `${sorted.length} different ones`);
      t.same(
        codes.filter((code, index) => code !== codes[index - 1]),
        sorted,
        'in order',
      );
    },
  );
}

/** For some pictures, how long after another viewer had them the page showed them; ms. */
async function watch(t: Test, page: Page, url: string): Promise<number[]> {
  const viewer = await MjpegViewer.open(url);
  const delays: number[] = [];
  for await (const { sequence } of viewer.pictures()) {
    const sentMs = performance.now();
    while (((await painted(page)) ?? -1) < sequence) {
      if (performance.now() - sentMs > 10_000) throw new Error(`picture ${sequence} is not shown`);
    }
    delays.push(performance.now() - sentMs);
    if (delays.length > 3) break;
  }
  viewer.close();
  t.ok(delays.length > 3, 'the picture is live');
  await page.close();
  return delays.slice(1); // The page may have opened in the middle of the first.
}

/** The number in the picture that the page shows just now. */
async function painted(page: Page): Promise<number | undefined> {
  const screenshot = await page.screenshot();
  const { data } = await sharp(screenshot).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return addon.readBlockCode(data, { format: 'rgb24', ...size })?.sequence;
}
