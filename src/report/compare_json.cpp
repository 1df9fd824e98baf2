#include <cmath>
#include <nlohmann/json.hpp>

#include "report/compare_text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

/// JSON has no NaN: what could not be computed is null.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json side_json(const ComparedSide& side) {
  return {{"label", side.label}, {"source", side.source}, {"format", side.format},
          {"rows", side.rows},   {"failed", side.failed}, {"notes", side.notes}};
}

Json sample_json(const Sample& sample) {
  Json json;
  json["n"] = sample.n;
  json["min"] = number(sample.min);
  json["median"] = number(sample.median.value);
  json["median_low"] = number(sample.median.low);
  json["median_high"] = number(sample.median.high);
  json["mean"] = number(sample.mean.value);
  json["mean_low"] = number(sample.mean.low);
  json["mean_high"] = number(sample.mean.high);
  json["ci95_low"] = number(sample.ci95.low);
  json["ci95_high"] = number(sample.ci95.high);
  json["stddev"] = number(sample.stddev);
  json["stderr"] = number(sample.standard_error);
  json["cv"] = number(sample.cv);
  json["p95"] = number(sample.p95.value);
  json["p95_low"] = number(sample.p95.low);
  json["p95_high"] = number(sample.p95.high);
  json["p99"] = number(sample.p99.value);
  json["p99_low"] = number(sample.p99.low);
  json["p99_high"] = number(sample.p99.high);
  json["max"] = number(sample.max);
  return json;
}

void add_estimate(Json& json, const std::string& name, const Estimate& estimate) {
  json[name] = number(estimate.value);
  json[name + "_low"] = number(estimate.low);
  json[name + "_high"] = number(estimate.high);
}

Json metric_json(const MetricComparison& metric) {
  Json json;
  json["unit"] = metric.unit.empty() ? Json(nullptr) : Json(metric.unit);
  json["lower_is_better"] = metric.lower_is_better;
  json["baseline"] = sample_json(metric.baseline);
  json["candidate"] = sample_json(metric.candidate);
  json["median_diff"] = number(metric.median_diff);
  json["pct_change"] = number(metric.pct_change);
  json["improved"] = metric.improved;
  add_estimate(json, "ratio", metric.ratio);
  add_estimate(json, "speedup", metric.speedup);
  add_estimate(json, "shift", metric.shift);
  json["mann_whitney_u"] = number(metric.mann_whitney_u);
  json["p_value"] = number(metric.p_value);
  json["p_adjusted"] = number(metric.p_adjusted);
  json["effect_size"] = number(metric.effect_size);
  json["cliffs_delta"] = number(metric.cliffs_delta);
  json["ks_d"] = number(metric.ks_d);
  json["ks_p"] = number(metric.ks_p);
  if (metric.paired) {
    json["pairs"] = metric.paired->pairs;
    json["wilcoxon_w"] = number(metric.paired->w);
    json["wilcoxon_p"] = number(metric.paired->p_value);
  }
  json["verdict"] = name_of(metric.verdict);
  json["reason"] = metric.reason;
  json["notes"] = metric.notes;
  json["narrative"] = metric.narrative;
  return json;
}

Json candidate_json(const CandidateComparison& candidate) {
  Json json = side_json(candidate.side);
  json["metrics"] = Json::object();
  for (const MetricComparison& metric : candidate.metrics)
    json["metrics"][metric.metric] = metric_json(metric);
  return json;
}

Json differences_json(const Comparison& comparison) {
  Json list = Json::array();
  for (const CandidateComparison& candidate : comparison.candidates) {
    for (const ContextDifference& difference : candidate.context_differences) {
      list.push_back({{"label", candidate.side.label},
                      {"key", difference.key},
                      {"baseline", difference.baseline},
                      {"candidate", difference.candidate}});
    }
  }
  return list;
}

Json gates_json(const Comparison& comparison) {
  Json list = Json::array();
  for (const GateOutcome& gate : comparison.gates) {
    list.push_back({{"gate", gate.gate},
                    {"label", gate.candidate},
                    {"metric", gate.metric},
                    {"value", number(gate.value)},
                    {"limit", number(gate.limit)},
                    {"held", gate.holds}});
  }
  return list;
}

}  // namespace

Json to_json(const Comparison& comparison) {
  Json json;
  json["schema"] = "thaw.compare/1";
  json["confidence"] = comparison.confidence;
  json["paired"] = comparison.is_paired;
  json["rule"] = comparison.rule;
  json["baseline"] = side_json(comparison.baseline);
  json["candidates"] = Json::array();
  for (const CandidateComparison& candidate : comparison.candidates) {
    json["candidates"].push_back(candidate_json(candidate));
  }
  json["context_differences"] = differences_json(comparison);
  json["gates"] = gates_json(comparison);
  json["passed"] = comparison.gates_hold();
  json["notes"] = comparison.notes;
  return json;
}

}  // namespace thaw
