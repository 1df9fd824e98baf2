// A function for Google's framework: says its path, its process, and how many calls it has had.
const framework = require('@google-cloud/functions-framework');

let calls = 0;
framework.http('hello', (request, response) => {
  calls += 1;
  if (request.path === '/broken') {
    response.status(503).send('broken');
    return;
  }
  if (request.path === '/seven' && request.body.runtime !== 7) {
    response.status(400).send('not seven');
    return;
  }
  response.json({calls, path: request.path, pid: process.pid});
});
