import t from 'tap';
import { runFuzzTargets } from './run-fuzz-targets.js';
import { openHttpPort } from './targets/http-port.js';
import { httpRequest, httpStranger } from './targets/http-request.js';

// What comes from HTTP's network: bytes to the port, and what node:http makes of them.

const port = await openHttpPort();
t.teardown(() => port.close());
runFuzzTargets(t, 'fuzz-http', 'What HTTP clients send', [
  { target: port, longSeconds: 300 },
  { target: httpRequest, longSeconds: 150 },
  { target: httpStranger, longSeconds: 150 },
]);
