#include "record/load_totals.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/histogram_codec.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, cause_count> cause_names = {
    "none", "connect_refused", "connect_timeout", "function_timeout", "reset", "bad_answer", "status",
    "tls",  "local",           "dropped"};

/// 1 ns to an hour with three digits: loss-free to merge and to export.
Histogram latency_histogram() { return *Histogram::create(HistogramRange{}); }

Json packed(const Histogram& histogram) { return to_base64(encode_compressed(histogram)); }

Result<Histogram> unpacked(const Json& json) {
  THAW_TRY(const std::string bytes, from_base64(json.get_ref<const std::string&>()));
  return decode_compressed_histogram(bytes);
}

Result<> read_histogram(const Json& json, const char* key, Histogram& histogram) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) {
    return fail(ErrorKind::bad_input, "the totals have no histogram \"{}\"", key);
  }
  THAW_TRY(const Histogram read, unpacked(*found));
  return histogram.merge(read);
}

template <class Number>
Number number_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<Number>() : Number{};
}

}  // namespace

std::string_view name_of(Cause cause) { return cause_names[static_cast<std::size_t>(cause)]; }

SlowdownTotals::SlowdownTotals() : thousandths(*Histogram::create({1, 1'000'000'000'000, 2})) {}

void SlowdownTotals::add(double slowdown) {
  thousandths.record(static_cast<std::int64_t>(slowdown * 1000 + 0.5));
  sum += slowdown;
  reciprocal_sum += 1 / slowdown;
}

void SlowdownTotals::merge(const SlowdownTotals& other) {
  (void)thousandths.merge(other.thousandths);  // Equal ranges always merge.
  sum += other.sum;
  reciprocal_sum += other.reciprocal_sum;
}

double SlowdownTotals::harmonic_mean() const {
  if (count() == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(count()) / reciprocal_sum;
}

LoadTotals::LoadTotals()
    : response(latency_histogram()), service(latency_histogram()), lateness(latency_histogram()) {}

void LoadTotals::merge(const LoadTotals& other) {
  planned += other.planned;
  sent += other.sent;
  ok += other.ok;
  in_flight += other.in_flight;
  cold += other.cold;
  knows_cold += other.knows_cold;
  retried += other.retried;
  for (std::size_t i = 0; i < cause_count; ++i) by_cause[i] += other.by_cause[i];
  // Equal ranges always merge.
  (void)response.merge(other.response);
  (void)service.merge(other.service);
  (void)lateness.merge(other.lateness);
  slowdown.merge(other.slowdown);
  last_intended_ns = std::max(last_intended_ns, other.last_intended_ns);
  last_done_ns = std::max(last_done_ns, other.last_done_ns);
  oldest_in_flight_ns = std::max(oldest_in_flight_ns, other.oldest_in_flight_ns);
}

std::uint64_t LoadTotals::failed() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < cause_count; ++i) sum += by_cause[i];
  return sum - dropped();
}

HistogramRange function_latency_range() { return {1000, 3'600'000'000'000, 2}; }

void FunctionTotals::merge(const FunctionTotals& other) {
  planned += other.planned;
  ok += other.ok;
  failed += other.failed;
  cold += other.cold;
  knows_cold += other.knows_cold;
  reciprocal_slowdown_sum += other.reciprocal_slowdown_sum;
  slowdowns += other.slowdowns;
  if (!other.response) return;
  if (!response) response = *Histogram::create(function_latency_range());
  (void)response->merge(*other.response);
}

Json to_exact_json(const LoadTotals& totals) {
  Json causes = Json::object();
  for (std::size_t i = 1; i < cause_count; ++i) causes[std::string(cause_names[i])] = totals.by_cause[i];
  return {{"planned", totals.planned},
          {"sent", totals.sent},
          {"ok", totals.ok},
          {"in_flight", totals.in_flight},
          {"cold", totals.cold},
          {"knows_cold", totals.knows_cold},
          {"retried", totals.retried},
          {"causes", std::move(causes)},
          {"last_intended_ns", totals.last_intended_ns},
          {"last_done_ns", totals.last_done_ns},
          {"oldest_in_flight_ns", totals.oldest_in_flight_ns},
          {"slowdown_sum", totals.slowdown.sum},
          {"reciprocal_slowdown_sum", totals.slowdown.reciprocal_sum},
          {"slowdown_thousandths", packed(totals.slowdown.thousandths)},
          {"response_ns", packed(totals.response)},
          {"service_ns", packed(totals.service)},
          {"lateness_ns", packed(totals.lateness)}};
}

Result<LoadTotals> load_totals_from(const Json& json) {
  if (!json.is_object()) return fail(ErrorKind::bad_input, "the totals of a load are an object");
  LoadTotals totals;
  totals.planned = number_at<std::uint64_t>(json, "planned");
  totals.sent = number_at<std::uint64_t>(json, "sent");
  totals.ok = number_at<std::uint64_t>(json, "ok");
  totals.in_flight = number_at<std::uint64_t>(json, "in_flight");
  totals.cold = number_at<std::uint64_t>(json, "cold");
  totals.knows_cold = number_at<std::uint64_t>(json, "knows_cold");
  totals.retried = number_at<std::uint64_t>(json, "retried");
  const auto causes = json.find("causes");
  for (std::size_t i = 1; i < cause_count && causes != json.end(); ++i) {
    totals.by_cause[i] = number_at<std::uint64_t>(*causes, std::string(cause_names[i]).c_str());
  }
  // add() counts good answers under "none"; they are not written twice.
  totals.by_cause[0] = totals.ok;
  totals.last_intended_ns = number_at<std::int64_t>(json, "last_intended_ns");
  totals.last_done_ns = number_at<std::int64_t>(json, "last_done_ns");
  totals.oldest_in_flight_ns = number_at<std::int64_t>(json, "oldest_in_flight_ns");
  totals.slowdown.sum = number_at<double>(json, "slowdown_sum");
  totals.slowdown.reciprocal_sum = number_at<double>(json, "reciprocal_slowdown_sum");
  THAW_CHECK(read_histogram(json, "slowdown_thousandths", totals.slowdown.thousandths));
  THAW_CHECK(read_histogram(json, "response_ns", totals.response));
  THAW_CHECK(read_histogram(json, "service_ns", totals.service));
  THAW_CHECK(read_histogram(json, "lateness_ns", totals.lateness));
  return totals;
}

Json to_exact_json(const FunctionTotals& totals) {
  Json json = {{"name", totals.name},
               {"planned", totals.planned},
               {"ok", totals.ok},
               {"failed", totals.failed},
               {"cold", totals.cold},
               {"knows_cold", totals.knows_cold},
               {"slowdowns", totals.slowdowns},
               {"reciprocal_slowdown_sum", totals.reciprocal_slowdown_sum}};
  if (totals.response) json["response_ns"] = packed(*totals.response);
  return json;
}

Result<FunctionTotals> function_totals_from(const Json& json) {
  if (!json.is_object() || !json.contains("name") || !json["name"].is_string()) {
    return fail(ErrorKind::bad_input, "the totals of a function are an object with a name");
  }
  FunctionTotals totals;
  totals.name = json["name"].get<std::string>();
  totals.planned = number_at<std::uint64_t>(json, "planned");
  totals.ok = number_at<std::uint64_t>(json, "ok");
  totals.failed = number_at<std::uint64_t>(json, "failed");
  totals.cold = number_at<std::uint64_t>(json, "cold");
  totals.knows_cold = number_at<std::uint64_t>(json, "knows_cold");
  totals.slowdowns = number_at<std::uint64_t>(json, "slowdowns");
  totals.reciprocal_slowdown_sum = number_at<double>(json, "reciprocal_slowdown_sum");
  if (json.contains("response_ns")) {
    totals.response = *Histogram::create(function_latency_range());
    THAW_CHECK(read_histogram(json, "response_ns", *totals.response));
  }
  return totals;
}

}  // namespace thaw
