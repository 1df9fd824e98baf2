// A Lambda function behind serverless-offline: answers as the trace function of the predecessor does.
let calls = 0;
module.exports.hello = async (event) => {
  calls += 1;
  const asked = event.requestContext ? JSON.parse(event.body || '{}') : event;
  const answer = {
    DurationInMicroSec: 1000 * (asked.RuntimeInMilliSec || 0),
    MemoryUsageInKb: 1024 * (asked.MemoryInMebiBytes || 0),
    calls,
  };
  return event.requestContext ? {statusCode: 200, body: JSON.stringify(answer)} : answer;
};
