// read-as-process.js UID GROUP,... RING: reads a frame as that user; prints what came, or the error, as JSON.
import { connect, listRings } from '@camstream/consumer';

const [uid, groups = '', ring = ''] = process.argv.slice(2);
await listRings(); // loads the addon while its file may be read
process.setgroups?.(groups.split(',').map(Number));
process.setgid?.(Number(uid));
process.setuid?.(Number(uid));
try {
  const reader = await connect(ring, { timeoutMs: 10_000 });
  const frame = await reader.read({ timeoutMs: 10_000 });
  console.log(JSON.stringify({ width: frame.width, leased: frame.leased }));
  reader.close();
} catch (error) {
  const { code, message } = error as Error & { code: string };
  console.log(JSON.stringify({ code, message }));
}
