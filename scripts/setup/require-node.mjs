// Stops with a sentence where Node is too old. Written so that old ones can read it.
var major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(
    'camstream needs Node 20 or newer; this is Node ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').',
  );
  console.error('Install a newer one, for instance from https://nodejs.org, and try again.');
  process.exit(1);
}
