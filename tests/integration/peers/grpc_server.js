// node grpc_server.js PORT [CERTIFICATE KEY]: faas.Executor on the gRPC library for Node. It echoes what it was asked for;
// 13 ms is too much for it. At the end it prints how many calls it has had.
const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [port, certificate, key] = process.argv.slice(2);
const definition = loader.loadSync(path.join(__dirname, 'executor.proto'), {keepCase: true});
const {faas} = grpc.loadPackageDefinition(definition);
let calls = 0;

function execute(call, answer) {
  calls += 1;
  const asked = call.request;
  if (asked.runtimeInMilliSec === 13) {
    answer({code: grpc.status.RESOURCE_EXHAUSTED, details: 'thirteen is too much'});
    return;
  }
  answer(null, {
    message: 'OK - trace-func-peer',
    durationInMicroSec: asked.runtimeInMilliSec * 1000,
    memoryUsageInKb: asked.memoryInMebiBytes * 1024,
  });
}

const server = new grpc.Server();
server.addService(faas.Executor.service, {Execute: execute});
const credentials = certificate
  ? grpc.ServerCredentials.createSsl(null, [{cert_chain: fs.readFileSync(certificate), private_key: fs.readFileSync(key)}])
  : grpc.ServerCredentials.createInsecure();
server.bindAsync(`127.0.0.1:${port}`, credentials, (error) => {
  if (error) throw error;
});
process.on('SIGTERM', () => {
  console.log(calls);
  process.exit(0);
});
