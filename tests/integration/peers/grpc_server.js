// node grpc_server.js PORT [CERTIFICATE KEY]: two services on the gRPC library for Node. faas.Executor echoes what it was
// asked for; 13 ms is too much for it. helloworld.Greeter is a benchmark service of vSwarm: it names the function that its
// caller meant, and wants an identity for each call. At the end the number of calls is printed.
const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [port, certificate, key] = process.argv.slice(2);
const protos = ['executor.proto', 'greeter.proto'].map((name) => path.join(__dirname, name));
const {faas, helloworld} = grpc.loadPackageDefinition(loader.loadSync(protos, {keepCase: true}));
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

const identities = new Set();
function greet(call, answer) {
  calls += 1;
  const {WorkflowId, InvocationId, InvokedOn} = JSON.parse(call.request.vHiveMetadata.toString());
  const age = Date.now() - Date.parse(InvokedOn);
  if (call.request.name !== 'Invoke Relay' || !WorkflowId || identities.has(InvocationId) || !(Math.abs(age) < 60000)) {
    answer({code: grpc.status.INVALID_ARGUMENT, details: JSON.stringify(call.request)});
    return;
  }
  identities.add(InvocationId);
  answer(null, {message: `Hello: fn: ${call.getHost()} | runtime: nodejs`});
}

const server = new grpc.Server();
server.addService(faas.Executor.service, {Execute: execute});
server.addService(helloworld.Greeter.service, {SayHello: greet});
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
