// The entry of libFuzzer. THAW_FUZZ_TARGET names the target that this program is for.

#include <cstddef>
#include <cstdint>

#include "fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  for (const thaw::fuzz::Target& target : thaw::fuzz::targets()) {
    if (target.name == THAW_FUZZ_TARGET) target.run({reinterpret_cast<const char*>(bytes), size});
  }
  return 0;
}
