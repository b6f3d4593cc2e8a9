import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Test } from 'tap';

const program = '/usr/bin/chromium-headless-shell';

/** Why there is no browser here, if there is none. */
export const chromiumMissing = existsSync(program)
  ? undefined
  : `no ${program}: apt-get install chromium-headless-shell`;

/** Debian's Chromium, until the test ends. */
export async function startChromium(t: Test): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: program });
  t.teardown(() => browser.close());
  return browser;
}

/** A page as large as the pictures at `url`, with nothing but them. */
export async function pageOf(
  browser: Browser,
  url: string,
  viewport: { readonly width: number; readonly height: number },
): Promise<Page> {
  const page = await browser.newPage({ viewport });
  const html = `<body style="margin: 0"><img style="display: block" src="${url}"></body>`;
  await page.setContent(html, { waitUntil: 'commit' });
  return page;
}
