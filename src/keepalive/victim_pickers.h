#pragma once
// Eviction as a plain function: how much memory is wanted and which containers are idle, in; which of them
// go, out. A picker keeps no state of its own (but for its random numbers), so it serves the course model and
// any policy that can list its idle containers. Most of these rules come from a course on FaasCache's
// simulator; their names are the ones used there.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw {

/// An idle container, as a picker sees it.
struct IdleContainer {
  std::uint32_t function = 0;
  double memory_mb = 0;
  double cold_ms = 0;  ///< A whole cold execution of its function, initialisation included.
  double warm_ms = 0;
  std::uint64_t uses = 0;            ///< Executions of this container.
  double last_start_ms = 0;          ///< Start of the last one.
  std::uint64_t last_use = 0;        ///< Serial number of that start: a total order of uses.
  std::uint64_t function_calls = 0;  ///< Invocations of its function so far, dropped ones too.
};

/// What is wanted. Only `to_free_mb` matters to most pickers.
struct VictimRequest {
  double to_free_mb = 0;
  double now_ms = 0;
  double capacity_mb = 0;  ///< Memory of the server.
};

class VictimPicker {
 public:
  virtual ~VictimPicker() = default;
  /// The containers that go, in the order of their choice, as places in `idle`; none twice. `idle` is in the
  /// order of the pool, oldest container first, which breaks ties. They may free less than is wanted when
  /// there is no more.
  virtual std::vector<std::size_t> pick(const VictimRequest& request,
                                        std::span<const IdleContainer> idle) = 0;
};

/// A row of the table of pickers.
struct VictimPickerEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<VictimPicker> (*make)(std::uint64_t seed);
};

/// Every picker, in help order.
std::span<const VictimPickerEntry> victim_pickers();

/// The picker with this name; case does not matter, '-' and '_' are alike. Errors: bad_usage, suggesting the
/// nearest name.
Result<const VictimPickerEntry*> find_victim_picker(std::string_view name);

}  // namespace thaw
