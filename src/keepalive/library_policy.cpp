#include "keepalive/library_policy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "core/shared_library.h"
#include "keepalive/ranked_policy.h"
#include "thaw/policy/policy.h"

namespace thaw {
namespace {

static_assert(static_cast<int>(Removal::evicted) == THAW_POLICY_EVICTED);
static_assert(static_cast<int>(Removal::expired) == THAW_POLICY_EXPIRED);
static_assert(static_cast<int>(Removal::unloaded) == THAW_POLICY_UNLOADED);
static_assert(static_cast<int>(Removal::stopped) == THAW_POLICY_STOPPED);

double milliseconds(Nanos duration) { return static_cast<double>(duration.count()) * 1e-6; }

thaw_policy_container describe(ContainerId id, const Pool& pool) {
  const Container& container = pool.container(id);
  const PoolFunction& function = pool.function(container.function);
  const bool has_end = container.busy_until != unknown_end;
  return {
      .id = id,
      .function = container.function,
      .uses = container.uses,
      .last_use = container.last_use,
      .started_ms = milliseconds(container.started_at),
      .busy_until_ms = has_end ? milliseconds(container.busy_until) : std::numeric_limits<double>::infinity(),
      .memory_mb = memory_mb(function),
      .init_ms = init_ms(function),
      .warm_ms = milliseconds(function.warm),
      .function_uses = function.uses,
      .function_containers = function.containers};
}

/// Asks the table for everything; its rank, when it has no choose, is kept in order here.
class LibraryPolicy final : public KeepAlivePolicy {
 public:
  LibraryPolicy(const thaw_policy_table& table, void* state) : table_(table), state_(state) {}
  LibraryPolicy(const LibraryPolicy&) = delete;
  LibraryPolicy& operator=(const LibraryPolicy&) = delete;
  ~LibraryPolicy() override { table_.destroy(state_); }

  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    order_.attach(pool);
  }

  Retention on_start(ContainerId id, bool is_cold, Instant now) override {
    return used(id, is_cold, is_cold, now);
  }
  void on_prewarmed(ContainerId id, Instant now) override { used(id, false, true, now); }
  void on_idle(ContainerId id, Instant /*now*/) override { order_.idle(id); }

  void on_removed(ContainerId id, Removal reason, Instant now) override {
    const thaw_policy_container described = describe(id, pool());
    if (table_.on_removed != nullptr) {
      table_.on_removed(state_, &described, static_cast<int>(reason), milliseconds(now));
    }
    order_.remove(id);
    const auto place = std::find(members_.begin(), members_.end(), id);
    if (place != members_.end()) members_.erase(place);
  }

  bool choose_victims(Bytes to_free, FunctionId /*newcomer*/, Instant now,
                      std::vector<ContainerId>& victims) override {
    if (table_.choose == nullptr) return order_.choose(to_free, now, victims);
    list_idle(now);
    places_.assign(idle_.size(), 0);
    const std::size_t count = table_.choose(state_, static_cast<double>(to_free.count()) * 1e-6, idle_.data(),
                                            idle_.size(), places_.data(), milliseconds(now));
    const std::size_t before = victims.size();
    for (std::size_t i = 0; i < std::min(count, idle_.size()) && to_free > Bytes{}; ++i) {
      if (places_[i] >= idle_.size()) break;
      const ContainerId id = idle_[places_[i]].id;
      const auto first = victims.begin() + static_cast<std::ptrdiff_t>(before);
      if (std::find(first, victims.end(), id) != victims.end()) break;
      victims.push_back(id);
      to_free -= pool().function(pool().container(id).function).memory;
    }
    if (to_free <= Bytes{}) return true;
    victims.resize(before);
    return false;
  }

 private:
  Retention used(ContainerId id, bool is_cold, bool is_new, Instant now) {
    double keep_ms = -1;
    thaw_policy_container described = describe(id, pool());
    if (table_.on_start != nullptr)
      keep_ms = table_.on_start(state_, &described, is_cold ? 1 : 0, milliseconds(now));
    if (table_.choose == nullptr) {
      const double rank = table_.rank(state_, &described, milliseconds(now));
      pool().container(id).priority = std::isnan(rank) ? -std::numeric_limits<double>::infinity() : rank;
      order_.use(id);
    } else if (is_new) {
      members_.push_back(id);
    }
    constexpr double longest_ms = 366.0 * 86400e3;
    if (!(keep_ms >= 0) || keep_ms > longest_ms) return {};
    return {.keep_alive = from_seconds(keep_ms * 1e-3)};
  }

  void list_idle(Instant now) {
    idle_.clear();
    for (const ContainerId id : members_) {
      if (!pool().is_busy(id, now)) idle_.push_back(describe(id, pool()));
    }
  }

  const thaw_policy_table& table_;
  void* state_;
  PriorityOrder order_;
  std::vector<ContainerId> members_;  ///< In the order in which they came; only for choose.
  std::vector<thaw_policy_container> idle_;
  std::vector<std::size_t> places_;
};

/// The table that a library exports, checked.
Result<const thaw_policy_table*> table_of(const Path& path) {
  THAW_TRY(const SharedLibrary library, SharedLibrary::open(path));
  THAW_TRY(void* const symbol, library.symbol("thaw_policy"));
  const auto* table = reinterpret_cast<const thaw_policy_table* (*)()>(symbol)();
  const auto refuse = [&](std::string what) {
    return fail_at(ErrorKind::bad_input, std::move(what), path.string(),
                   "include thaw/policy/policy.h of this version and build the library again");
  };
  if (table == nullptr) return refuse("thaw_policy() of the library returns no table");
  if (table->version != THAW_POLICY_VERSION) {
    return refuse(fmt::format("the library has version {} of the policy interface, this program has {}",
                              table->version, THAW_POLICY_VERSION));
  }
  if (table->container_size != sizeof(thaw_policy_container)) {
    return refuse(fmt::format("the library's container has {} bytes, this program's {}",
                              table->container_size, sizeof(thaw_policy_container)));
  }
  if (table->create == nullptr || table->destroy == nullptr) {
    return refuse("the library's table has no create or no destroy");
  }
  if (table->rank == nullptr && table->choose == nullptr) {
    return refuse("the library's table has neither rank nor choose");
  }
  return table;
}

}  // namespace

Result<std::unique_ptr<KeepAlivePolicy>> make_library_policy(std::string_view text, std::uint64_t seed) {
  const std::size_t slash = text.rfind('/');
  const std::size_t colon = text.find(':', slash == std::string_view::npos ? 0 : slash);
  const Path path(text.substr(0, colon));
  const std::string parameters(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
  if (path.empty()) {
    return fail_at(ErrorKind::bad_usage, "lib: needs the path of a shared library", {},
                   "write for example lib:./policy.so or lib:./policy.so:parameters");
  }
  THAW_TRY(const thaw_policy_table* table, table_of(path));
  std::array<char, 256> error{};
  void* state = table->create(parameters.c_str(), seed, error.data(), error.size());
  if (state == nullptr) {
    error.back() = '\0';
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("the policy refuses \"{}\": {}", parameters,
                               error.front() != '\0' ? error.data() : "no reason given"),
                   path.string());
  }
  return std::make_unique<LibraryPolicy>(*table, state);
}

}  // namespace thaw
