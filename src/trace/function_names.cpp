#include "trace/function_names.h"

namespace thaw {

bool FunctionNames::add(std::string_view name) {
  if (2 * (size() + 1) > slots_.size()) grow();
  const std::uint64_t hashed = hash(name);
  Slot& slot = slots_[slot_of(name, hashed)];
  if (slot.index != none) return false;
  slot = {static_cast<std::uint32_t>(hashed >> 32), static_cast<FunctionIndex>(size())};
  text_ += name;
  begins_.push_back(text_.size());
  return true;
}

void FunctionNames::grow() {
  slots_.assign(4 * slots_.size(), Slot{});
  for (FunctionIndex i = 0; i < size(); ++i) {
    const std::uint64_t hashed = hash(name(i));
    slots_[slot_of(name(i), hashed)] = {static_cast<std::uint32_t>(hashed >> 32), i};
  }
}

}  // namespace thaw
