#include "sim/sweep_part.h"

#include <algorithm>

#include "core/text.h"
#include "record/json_text.h"
#include "sim/point_files.h"

namespace thaw {
namespace {

constexpr const char* error_file = "error.json";

Result<> compute(const KnownSweep& sweep, const SweepPart& part, const Path& folder,
                 const SweepLimits& limits, Clock& clock) {
  THAW_TRY(const FinishedPoints known, FinishedPoints::read(sweep.folder, sweep.configuration));
  THAW_TRY(PointFiles files, PointFiles::open(folder, sweep.configuration));
  const std::uint64_t points = span_points(sweep.configuration.axes).size();
  std::vector<std::uint64_t> todo;
  for (std::uint64_t i = part.first(points); i < part.end(points); ++i) {
    if (!files.has(i) && !std::ranges::binary_search(known.points(), i)) todo.push_back(i);
  }
  return run_points(sweep.configuration, todo, limits, clock,
                    [&files](const FinishedPoint& point) { return files.add(point); });
}

}  // namespace

Path SweepPart::folder(const Path& record) const {
  return parts_folder(record) / fmt::format("part-{}-of-{}", number, count);
}

Result<SweepPart> parse_part(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view behind =
      slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  const std::int64_t number = parse_integer(text.substr(0, slash)).value_or(0);
  const std::int64_t count = parse_integer(behind).value_or(0);
  if (number < 1 || number > count) {
    return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no part of a sweep", text), "--part",
                   "write for example --part 3/10, the third of ten parts");
  }
  return SweepPart{static_cast<std::uint64_t>(number), static_cast<std::uint64_t>(count)};
}

Result<> run_part_of_sweep(const KnownSweep& sweep, const SweepPart& part, const SweepLimits& limits,
                           Clock& clock) {
  const Path folder = part.folder(sweep.folder);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail_at(ErrorKind::environment, fmt::format("cannot create the folder: {}", error.message()),
                   folder.string(), "the record must be on a file system that every task sees");
  }
  std::filesystem::remove(folder / error_file, error);
  const Result<> done = compute(sweep, part, folder, limits, clock);
  if (!done) {
    const Error& failure = done.error();
    const nlohmann::ordered_json json = {{"kind", static_cast<int>(failure.kind)},
                                         {"what", failure.what},
                                         {"where", failure.where},
                                         {"hint", failure.hint}};
    using Json = nlohmann::ordered_json;
    static_cast<void>(
        write_file_atomically(folder / error_file, json.dump(2, ' ', false, Json::error_handler_t::replace)));
  }
  return done;
}

std::optional<Error> error_of_part(const Path& record, const SweepPart& part) {
  const auto json = read_json_file(part.folder(record) / error_file);
  if (!json) return std::nullopt;
  const auto kind = json->find("kind");
  const bool has_kind = kind != json->end() && kind->is_number_integer();
  return Error{has_kind ? static_cast<ErrorKind>(kind->get<int>()) : ErrorKind::internal,
               text_at(*json, "what"), text_at(*json, "where"), text_at(*json, "hint")};
}

}  // namespace thaw
