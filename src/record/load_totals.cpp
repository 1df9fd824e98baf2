#include "record/load_totals.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/histogram_codec.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, cause_count> cause_names = {
    "none",  "connect_refused", "connect_timeout", "function_timeout",
    "reset", "bad_answer",      "status",          "platform_dropped",
    "tls",   "local",           "dropped"};

/// 1 ns to an hour with three digits: loss-free to merge and to export.
Histogram latency_histogram() { return *Histogram::create(HistogramRange{}); }

Json packed(const Histogram& histogram) { return to_base64(encode_compressed(histogram)); }

Result<Histogram> unpacked(const Json& json) {
  THAW_TRY(const std::string bytes, from_base64(json.get_ref<const std::string&>()));
  return decode_compressed_histogram(bytes);
}

/// The payload knows its extremes by their bins only; the exact ones stand beside it.
std::string extremes_of(std::string_view key) { return fmt::format("{}_extremes", key); }

void write_histogram(const Histogram& histogram, const char* key, Json& json) {
  json[key] = packed(histogram);
  if (histogram.count() > 0) json[extremes_of(key)] = {*histogram.min(), *histogram.max()};
}

Result<> read_histogram(const Json& json, const char* key, Histogram& histogram) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) {
    return fail(ErrorKind::bad_input, "the totals have no histogram \"{}\"", key);
  }
  THAW_TRY(Histogram read, unpacked(*found));
  const auto extremes = json.find(extremes_of(key));
  const bool has_extremes = extremes != json.end() && extremes->is_array() && extremes->size() == 2 &&
                            (*extremes)[0].is_number_integer() && (*extremes)[1].is_number_integer();
  if (has_extremes) read.narrow((*extremes)[0].get<std::int64_t>(), (*extremes)[1].get<std::int64_t>());
  return histogram.merge(read);
}

template <class Number>
Number number_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<Number>() : Number{};
}

/// A member of totals and its key.
template <class Totals, class Value>
struct Named {
  const char* key;
  Value Totals::*member;
};

// What merging, writing and reading go through, in the order in which it is written.

constexpr Named<LoadTotals, std::uint64_t> counts[] = {
    {"planned", &LoadTotals::planned}, {"sent", &LoadTotals::sent},
    {"ok", &LoadTotals::ok},           {"in_flight", &LoadTotals::in_flight},
    {"cold", &LoadTotals::cold},       {"knows_cold", &LoadTotals::knows_cold},
    {"retried", &LoadTotals::retried}};
/// The latest one stays.
constexpr Named<LoadTotals, std::int64_t> latest[] = {
    {"last_intended_ns", &LoadTotals::last_intended_ns},
    {"last_done_ns", &LoadTotals::last_done_ns},
    {"oldest_in_flight_ns", &LoadTotals::oldest_in_flight_ns}};
constexpr Named<LoadTotals, Histogram> distributions[] = {{"response_ns", &LoadTotals::response},
                                                          {"service_ns", &LoadTotals::service},
                                                          {"lateness_ns", &LoadTotals::lateness}};
constexpr Named<FunctionTotals, std::uint64_t> function_counts[] = {
    {"planned", &FunctionTotals::planned},       {"ok", &FunctionTotals::ok},
    {"failed", &FunctionTotals::failed},         {"cold", &FunctionTotals::cold},
    {"knows_cold", &FunctionTotals::knows_cold}, {"slowdowns", &FunctionTotals::slowdowns}};

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
  for (const auto& [key, member] : counts) this->*member += other.*member;
  for (std::size_t i = 0; i < cause_count; ++i) by_cause[i] += other.by_cause[i];
  // Equal ranges always merge.
  for (const auto& [key, member] : distributions) (void)(this->*member).merge(other.*member);
  slowdown.merge(other.slowdown);
  for (const auto& [key, member] : latest) this->*member = std::max(this->*member, other.*member);
}

std::uint64_t LoadTotals::failed() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < cause_count; ++i) sum += by_cause[i];
  return sum - dropped();
}

HistogramRange function_latency_range() { return {1000, 3'600'000'000'000, 2}; }

void FunctionTotals::merge(const FunctionTotals& other) {
  for (const auto& [key, member] : function_counts) this->*member += other.*member;
  reciprocal_slowdown_sum += other.reciprocal_slowdown_sum;
  if (!other.response) return;
  if (!response) response = *Histogram::create(function_latency_range());
  (void)response->merge(*other.response);
}

Json to_exact_json(const LoadTotals& totals) {
  Json json = Json::object();
  for (const auto& [key, member] : counts) json[key] = totals.*member;
  Json& causes = json["causes"] = Json::object();
  for (std::size_t i = 1; i < cause_count; ++i) causes[std::string(cause_names[i])] = totals.by_cause[i];
  for (const auto& [key, member] : latest) json[key] = totals.*member;
  json["slowdown_sum"] = totals.slowdown.sum;
  json["reciprocal_slowdown_sum"] = totals.slowdown.reciprocal_sum;
  write_histogram(totals.slowdown.thousandths, "slowdown_thousandths", json);
  for (const auto& [key, member] : distributions) write_histogram(totals.*member, key, json);
  return json;
}

Result<LoadTotals> load_totals_from(const Json& json) {
  if (!json.is_object()) return fail(ErrorKind::bad_input, "the totals of a load are an object");
  LoadTotals totals;
  for (const auto& [key, member] : counts) totals.*member = number_at<std::uint64_t>(json, key);
  const auto causes = json.find("causes");
  for (std::size_t i = 1; i < cause_count && causes != json.end(); ++i) {
    totals.by_cause[i] = number_at<std::uint64_t>(*causes, std::string(cause_names[i]).c_str());
  }
  // add() counts good answers under "none"; they are not written twice.
  totals.by_cause[0] = totals.ok;
  for (const auto& [key, member] : latest) totals.*member = number_at<std::int64_t>(json, key);
  totals.slowdown.sum = number_at<double>(json, "slowdown_sum");
  totals.slowdown.reciprocal_sum = number_at<double>(json, "reciprocal_slowdown_sum");
  THAW_CHECK(read_histogram(json, "slowdown_thousandths", totals.slowdown.thousandths));
  for (const auto& [key, member] : distributions) THAW_CHECK(read_histogram(json, key, totals.*member));
  return totals;
}

Json to_exact_json(const FunctionTotals& totals) {
  Json json = {{"name", totals.name}};
  for (const auto& [key, member] : function_counts) json[key] = totals.*member;
  json["reciprocal_slowdown_sum"] = totals.reciprocal_slowdown_sum;
  if (totals.response) write_histogram(*totals.response, "response_ns", json);
  return json;
}

Result<FunctionTotals> function_totals_from(const Json& json) {
  if (!json.is_object() || !json.contains("name") || !json["name"].is_string()) {
    return fail(ErrorKind::bad_input, "the totals of a function are an object with a name");
  }
  FunctionTotals totals;
  totals.name = json["name"].get<std::string>();
  for (const auto& [key, member] : function_counts) totals.*member = number_at<std::uint64_t>(json, key);
  totals.reciprocal_slowdown_sum = number_at<double>(json, "reciprocal_slowdown_sum");
  if (json.contains("response_ns")) {
    totals.response = *Histogram::create(function_latency_range());
    THAW_CHECK(read_histogram(json, "response_ns", *totals.response));
  }
  return totals;
}

}  // namespace thaw
