#include "trace/proxy_map.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace thaw {
namespace {

constexpr double instead_of_zero = 0.01;
constexpr double most_relative_error = 0.4;

double median_ms(const TraceFunction& function) {
  return function.duration ? function.duration->p50 : function.warm_ms;
}

double median_mb(const TraceFunction& function) {
  return function.memory ? function.memory->p50 : function.memory_mb;
}

double positive(double value) { return value == 0 ? instead_of_zero : value; }

Result<double> median_of(const nlohmann::json& entry, const char* what, const std::string& name,
                         std::string_view place) {
  const auto table = entry.find(what);
  if (table != entry.end() && table->is_object()) {
    const auto median = table->find("50-percentile");
    if (median != table->end() && median->is_number() && median->get<double>() > 0)
      return median->get<double>();
  }
  return fail_at(ErrorKind::bad_input,
                 fmt::format("profile \"{}\" has no {} above 0 at \"50-percentile\"", name, what),
                 std::string(place));
}

}  // namespace

Result<std::vector<ProxyProfile>> parse_profiles(std::string_view json, std::string_view place) {
  const auto document = nlohmann::json::parse(json.begin(), json.end(), nullptr, false);
  if (!document.is_object())
    return fail_at(ErrorKind::bad_input, "the profiles are no JSON object", std::string(place));
  std::vector<ProxyProfile> profiles;
  for (const auto& [name, entry] : document.items()) {
    if (!entry.is_object())
      return fail_at(ErrorKind::bad_input, fmt::format("profile \"{}\" is no object", name),
                     std::string(place));
    THAW_TRY(const double duration, median_of(entry, "duration", name, place));
    THAW_TRY(const double memory, median_of(entry, "memory", name, place));
    profiles.push_back({name, duration, memory});
  }
  return profiles;
}

ProxyChoice choose_proxy(double duration_ms, double memory_mb, std::span<const ProxyProfile> profiles) {
  const double duration = positive(duration_ms);
  const double memory = positive(memory_mb);
  ProxyChoice choice{std::string(standard_proxy), nullptr, std::numeric_limits<double>::infinity()};
  for (const ProxyProfile& profile : profiles) {
    const double distance = std::hypot(std::log(memory) - std::log(profile.memory_mb),
                                       std::log(duration) - std::log(profile.duration_ms));
    if (distance >= choice.distance) continue;
    choice.distance = distance;
    choice.profile = &profile;
  }
  if (choice.profile && std::abs(duration - choice.profile->duration_ms) > most_relative_error * duration) {
    choice.profile = nullptr;
  }
  if (choice.profile) choice.name = choice.profile->name;
  return choice;
}

ProxyMap map_proxies(std::span<const TraceFunction> functions, std::span<const ProxyProfile> profiles) {
  ProxyMap map;
  for (const TraceFunction& function : functions) {
    const double duration = positive(median_ms(function));
    const double memory = positive(median_mb(function));
    map.choices.push_back(choose_proxy(duration, memory, profiles));
    const ProxyProfile* profile = map.choices.back().profile;
    if (!profile) continue;
    map.relative_duration_error += (profile->duration_ms - duration) / duration;
    map.absolute_duration_error_ms += std::abs(profile->duration_ms - duration);
    map.relative_memory_error += (profile->memory_mb - memory) / memory;
    map.absolute_memory_error_mb += std::abs(profile->memory_mb - memory);
  }
  const auto n = static_cast<double>(std::max<std::size_t>(functions.size(), 1));
  for (double* error : {&map.relative_duration_error, &map.absolute_duration_error_ms,
                        &map.relative_memory_error, &map.absolute_memory_error_mb})
    *error /= n;
  return map;
}

std::string render_proxy_map(std::span<const TraceFunction> functions, const ProxyMap& map) {
  nlohmann::ordered_json document = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const TraceFunction& function = functions[i];
    document[function.name + function.owner + function.app] = {{"proxy-function", map.choices[i].name}};
  }
  return document.dump(1) + "\n";
}

}  // namespace thaw
